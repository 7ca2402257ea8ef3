using Compress.Diagnostics;
using Compress.Policies;

namespace Compress.Data;

/// <summary>The sizes of a random sample.</summary>
static class RandomShape
{
    /// <summary>
    /// The sizes of one sample: the model's own, with those that are free taken from <c>shapes</c>; without the batch where the input has one.
    /// </summary>
    /// <exception cref="CompressException">CMP2008: a size is free and not given; CMP3003: given sizes do not fit the model.</exception>
    public static int[] Of(DataSource source, ModelInput input)
    {
        if (!ElementConversion.CanMake(input.Type))
        {
            throw Codes.DataMisfit.Fail(source.Position,
                $"no random data can be made for the model's input {input}; inputs of float, integer or bool tensors can be fed");
        }

        var shape = source.Shapes.TryGetValue(input.Name, out var given) ? Checked(source, input, given) : Declared(source, input);
        var size = shape.Aggregate(1.0, (product, next) => product * next);
        return size <= Array.MaxLength
            ? SampleShape.StartsWithBatch(input.Dimensions) || (input.Dimensions.Length == 0 && shape.Length > 0) ? shape[1..] : shape
            : throw Codes.DataMisfit.Fail(source.Position, $"the input {input} would take {size:g3} numbers; an array holds {Array.MaxLength}");
    }

    static int[] Checked(DataSource source, ModelInput input, int[] given)
    {
        var batch = SampleShape.StartsWithBatch(input.Dimensions) ? 1 : 0;
        var fits = given.All(size => size > 0) && (input.Dimensions.Length == 0
            || (given.Length == input.Dimensions.Length
                && given.Skip(batch).Zip(input.Dimensions.Skip(batch)).All(pair => pair.Second is null || pair.Second == pair.First)));
        return fits
            ? given
            : throw Codes.DataMisfit.Fail(source.Position, $"'shapes' gives '{input.Name}' the sizes [{string.Join(",", given)}], which do not fit"
                + $" the model's input {input}; give as many sizes, all above zero, the batch first");
    }

    static int[] Declared(DataSource source, ModelInput input)
    {
        if (input.Dimensions.Length == 0)
        {
            throw Codes.UnknownDimension.Fail(source.Position,
                $"the model does not say the shape of its input {input}; random data needs it: shapes: {{ {input.Name}: [1, ...] }}");
        }

        var shape = new int[input.Dimensions.Length];
        var batch = SampleShape.StartsWithBatch(input.Dimensions) ? 1 : 0;
        shape.AsSpan(0, batch).Fill(1);
        for (var axis = batch; axis < shape.Length; axis++)
            shape[axis] = input.Dimensions[axis] ?? throw Unknown(source, input, axis);

        return shape;
    }

    static CompressException Unknown(DataSource source, ModelInput input, int axis)
    {
        var name = input.Symbols[axis].Length > 0 ? $"'{input.Symbols[axis]}'" : "without a name";
        var example = string.Join(", ", input.Dimensions.Select((size, i) => size?.ToString() ?? (i == 0 ? "1" : "SIZE")));
        return Codes.UnknownDimension.Fail(source.Position, $"the size {name} (axis {axis}) of the model's input {input} is free;"
            + $" random data needs it: shapes: {{ {input.Name}: [{example}] }}");
    }
}
