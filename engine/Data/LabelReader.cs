using Compress.Policies;

namespace Compress.Data;

/// <summary>Labels: one class number, from 0, for each sample.</summary>
static class LabelReader
{
    /// <summary>Reads an idx or npy file.</summary>
    /// <exception cref="Diagnostics.CompressException">CMP3001, CMP3002: it cannot be read; CMP3004: it holds other labels.</exception>
    public static int[] Read(DataFile file, int samples) => Of(file, ArrayFile.Read(file, DataFormat.Idx, DataFormat.Npy), samples);

    /// <exception cref="Diagnostics.CompressException">CMP3004: the array is not one class number for each sample.</exception>
    public static int[] Of(DataFile file, NumberArray array, int samples)
    {
        if (array.IsFloating || array.Shape.Length == 0 || array.Values.Length != array.Shape[0])
            throw file.LabelMisfit($"holds {array}; labels are one integer for each sample");
        if (array.Values.Length != samples)
            throw file.LabelMisfit($"holds {array.Values.Length} labels for {samples} samples; there must be one for each");
        var labels = new int[samples];
        Span<long> wide = stackalloc long[1];
        for (var i = 0; i < samples; i++)
        {
            try
            {
                ElementConversion.ToIntegers(array.Values, i, wide);
                labels[i] = checked((int)wide[0]);
            }
            catch (OverflowException)
            {
                labels[i] = -1;
            }

            if (labels[i] < 0)
            {
                throw file.LabelMisfit(
                    $"has {array.Values.GetValue(i)} as label of sample {i}; labels are class numbers from 0 to {int.MaxValue}");
            }

        }

        return labels;
    }
}
