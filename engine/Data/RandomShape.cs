using System.Text.RegularExpressions;
using Compress.Diagnostics;
using Compress.Policies;

namespace Compress.Data;

/// <summary>The sizes of a random sample.</summary>
static partial class RandomShape
{
    /// <summary>Stand in for free sizes in examples: images have two of them and more.</summary>
    const int ExamplePixels = 224, ExampleLength = 128, LeastAxesOfImages = 4;

    /// <summary>
    /// The sizes of each input, without the batch where it has one: the model's own, with those that are free taken from <c>shapes</c>. A name that is free in
    /// several inputs needs to be given once.
    /// </summary>
    /// <exception cref="CompressException">CMP2008: a size is free and not given; CMP3003: given sizes do not fit the model, or each other.</exception>
    public static IReadOnlyList<(ModelInput Input, int[] Shape)> Of(DataSource source, IReadOnlyList<ModelInput> inputs)
    {
        var sizes = new SymbolicSizes(inputs);
        foreach (var input in inputs)
        {
            if (!ElementConversion.CanMake(input.Type))
            {
                throw Codes.DataMisfit.Fail(source.Position,
                    $"no random data can be made for the model's input {input}; inputs of float, integer or bool tensors can be fed");
            }

            if (source.Shapes.TryGetValue(input.Name, out var given) && sizes.Learn(input, Checked(source, input, given)) is { } contradiction)
                throw Codes.DataMisfit.Fail(source.Position, $"'shapes' contradicts itself: {contradiction}");
        }

        return [.. inputs.Select(input => (input, Of(source, input, sizes)))];
    }

    static int[] Of(DataSource source, ModelInput input, SymbolicSizes sizes)
    {
        var shape = source.Shapes.TryGetValue(input.Name, out var given) ? given : Declared(source, input, sizes);
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
                + $" the model's input {input}; give as many sizes, all above zero, the batch first, for example {Example(input, new SymbolicSizes([input]))}");
    }

    static int[] Declared(DataSource source, ModelInput input, SymbolicSizes sizes)
    {
        if (input.Dimensions.Length == 0)
        {
            throw Codes.UnknownDimension.Fail(source.Position,
                $"the model does not say the shape of its input {input}; random data needs it: shapes: {{ {Key(input)}: [1, ...] }}");
        }

        int?[] shape = [.. input.Dimensions.Select((size, axis) => axis == 0 && SampleShape.StartsWithBatch(input.Dimensions) ? 1 : size ?? sizes.Of(input.Symbols[axis]))];
        string[] free = [.. shape.Index().Where(entry => entry.Item is null).Select(entry => $"{Name(input, entry.Index)} (axis {entry.Index})")];
        if (free.Length == 0)
            return [.. shape.Select(size => size!.Value)];
        var (are, them) = free.Length == 1 ? ("the size", "is free; random data needs it") : ("the sizes", "are free; random data needs them");
        throw Codes.UnknownDimension.Fail(source.Position,
            $"{are} {string.Join(", ", free)} of the model's input {input} {them}, for example {Example(input, sizes)}");
    }

    static string Name(ModelInput input, int axis) => input.Symbols[axis].Length > 0 ? $"'{input.Symbols[axis]}'" : "without a name";

    /// <summary>A line for the policy, with numbers in the place of sizes that only the user knows.</summary>
    static string Example(ModelInput input, SymbolicSizes sizes)
    {
        var stand = input.Dimensions.Length >= LeastAxesOfImages ? ExamplePixels : ExampleLength;
        var shape = input.Dimensions.Select((size, axis) => axis == 0 && SampleShape.StartsWithBatch(input.Dimensions) ? 1 : size ?? sizes.Of(input.Symbols[axis]) ?? stand);
        return $"shapes: {{ {Key(input)}: [{string.Join(", ", shape)}] }}";
    }

    /// <summary>The input's name as a key of YAML.</summary>
    static string Key(ModelInput input) => PlainKey().IsMatch(input.Name) ? input.Name : $"'{input.Name.Replace("'", "''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"^[A-Za-z_][\w./-]*\z")]
    private static partial Regex PlainKey();
}
