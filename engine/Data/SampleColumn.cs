using Compress.Diagnostics;
using Compress.Policies;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Data;

/// <summary>The samples for one input, held as the file has them and converted batch by batch.</summary>
sealed class SampleColumn
{
    /// <summary>Numbers converted at once, on the stack.</summary>
    const int Step = 512;

    readonly DataFile file;
    readonly ModelInput input;
    readonly NumberArray array;
    readonly int[] sampleShape;
    readonly int sampleSize;
    readonly bool isWhole;
    readonly Normalization normalization;

    /// <exception cref="CompressException">CMP3003: the samples do not fit the input; CMP3005: there is none.</exception>
    public SampleColumn(DataSource source, DataFile file, NumberArray array, ModelInput input)
    {
        (this.file, this.array, this.input) = (file, array, input);
        if (array.Shape.Length == 0)
            throw file.Misfit("holds a single number; the first axis of an array counts the samples");
        if (array.Values.Length == 0)
            throw Codes.EmptyData.Fail(file.Position, $"'{file.Name}' holds {array}, which is no sample; at least one is needed");
        if (!ElementConversion.CanMake(input.Type))
            throw file.Misfit($"cannot feed the model's input {input}; inputs of float, integer or bool tensors can be fed");
        if (array.IsFloating && !IsFloating(input.Type))
            throw file.Misfit($"holds {array}, but the model's input {input} takes integers; convert the array with astype");
        isWhole = SampleShape.IsWhole(array.Shape[1..], input.Dimensions);
        sampleShape = isWhole ? array.Shape[1..] : SampleShape.Fit(array.Shape[1..], input.Dimensions)
            ?? throw file.Misfit($"holds {array}, which does not fit the model's input {input};"
                + " the first axis counts the samples, the others must agree");
        sampleSize = array.Values.Length / Count;
        normalization = IsFloating(input.Type) ? Normalization.Of(source, file, input, isWhole ? [] : sampleShape) : Normalization.None;
    }

    public int Count => array.Shape[0];

    /// <summary>The sizes of all samples as the input wants them, their number first; those of one sample where the input takes one at a time.</summary>
    public int[] Shape => isWhole ? sampleShape : [Count, .. sampleShape];

    public DataTensor Read(SampleOrder order, int start, int count)
    {
        if (isWhole && count != 1)
            throw new ArgumentException($"the input {input} takes one sample at a time", nameof(count));
        var values = ElementConversion.NewArray(input.Type, checked(count * sampleSize));
        for (var i = 0; i < count; i++)
        {
            if (IsFloating(input.Type))
                ReadFloating(order[start + i], values, i * sampleSize);
            else
                ReadIntegers(order[start + i], values, i * sampleSize);
        }

        return new DataTensor(input.Type, isWhole ? sampleShape : [count, .. sampleShape], values);
    }

    static bool IsFloating(DataType type) => type is DataType.Float or DataType.Double or DataType.Float16;

    void ReadFloating(int sample, Array target, int at)
    {
        Span<double> numbers = stackalloc double[Step];
        var plane = sampleSize / normalization.Channels;
        for (var channel = 0; channel < normalization.Channels; channel++)
        {
            for (var done = 0; done < plane; done += Step)
            {
                var part = numbers[..Math.Min(Step, plane - done)];
                var offset = channel * plane + done;
                ElementConversion.ToDoubles(array.Values, sample * sampleSize + offset, part);
                normalization.Apply(part, channel);
                ElementConversion.FromDoubles(part, target, at + offset);
            }
        }
    }

    void ReadIntegers(int sample, Array target, int at)
    {
        Span<long> numbers = stackalloc long[Step];
        try
        {
            for (var done = 0; done < sampleSize; done += Step)
            {
                var part = numbers[..Math.Min(Step, sampleSize - done)];
                ElementConversion.ToIntegers(array.Values, sample * sampleSize + done, part);
                ElementConversion.FromIntegers(part, target, at + done);
            }
        }
        catch (OverflowException)
        {
            throw file.Misfit($"holds a number in sample {sample} that is out of range for the model's input {input}");
        }
    }
}
