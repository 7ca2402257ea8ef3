using System.Numerics.Tensors;
using Compress.Policies;

namespace Compress.Data;

/// <summary>Turns a value v into (v · scale − mean) / std.</summary>
/// <param name="scale">The factor.</param>
/// <param name="mean">One value, or one for each channel.</param>
/// <param name="std">One value, or one for each channel.</param>
sealed class Normalization(double scale, IReadOnlyList<double> mean, IReadOnlyList<double> std)
{
    /// <summary>Leaves values as they are.</summary>
    public static readonly Normalization None = new(1, [0], [1]);

    readonly bool isNone = scale == 1 && mean is [0] && std is [1];

    /// <summary>The number of channels that are treated on their own; 1 where all are treated alike.</summary>
    public int Channels { get; } = Math.Max(mean.Count, std.Count);

    /// <summary>What a source asks for, checked against the channels (the first axis after the batch) of an input.</summary>
    /// <exception cref="Diagnostics.CompressException">CMP3003: the numbers of values and of channels differ.</exception>
    public static Normalization Of(DataSource source, DataFile file, ModelInput input, int[] sampleShape)
    {
        foreach (var (key, values) in new[] { ("mean", source.Mean), ("std", source.Std) })
        {
            if (values.Count == 1)
                continue;
            if (sampleShape.Length == 0 || sampleShape[0] != values.Count)
            {
                var channels = sampleShape.Length == 0 ? "no channels" : $"{sampleShape[0]} channels (axis 1)";
                throw file.Misfit($"is to be normalised with {values.Count} values of '{key}', but the input {input} has {channels};"
                    + " give one value, or one for each channel");
            }
        }

        return new Normalization(source.Scale, source.Mean, source.Std);
    }

    public void Apply(Span<double> values, int channel)
    {
        if (isNone)
            return;
        TensorPrimitives.Multiply(values, scale, values);
        TensorPrimitives.Subtract(values, Of(mean, channel), values);
        TensorPrimitives.Divide(values, Of(std, channel), values);
    }

    static double Of(IReadOnlyList<double> values, int channel) => values.Count == 1 ? values[0] : values[channel];
}
