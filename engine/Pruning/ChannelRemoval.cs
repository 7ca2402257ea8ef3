using Compress.Models;
using Compress.Pruning.Dependencies;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Pruning;

/// <summary>Takes channels out of every constant that is laid out by them, and out of every written size that counts them.</summary>
public static class ChannelRemoval
{
    /// <summary>Keeps the given channels of some groups, in their order; the rest are gone from the graph. Other groups stay whole.</summary>
    /// <param name="graph">The graph that the groups were found in, not edited since.</param>
    /// <param name="dependencies">Its groups.</param>
    /// <param name="kept">For groups that nothing pins, the channels to keep, ascending; at least one.</param>
    public static void Keep(Graph graph, DependencyGraph dependencies, IReadOnlyDictionary<ChannelGroup, int[]> kept)
    {
        var gone = Gone(kept);
        foreach (var constant in dependencies.Slices.GroupBy(slice => (slice.Node, slice.Input)))
        {
            var whole = graph.Initializer(constant.Key.Node.Input(constant.Key.Input))!;
            var part = constant.Aggregate(whole, (tensor, slice) =>
                Kept(slice.Units, gone) is { } indices && indices.Length < slice.Units.Length ? TensorSelection.Select(tensor, slice.Axis, indices) : tensor);
            if (part != whole)
                graph.SetConstant(constant.Key.Node, constant.Key.Input, part);
        }

        foreach (var indices in dependencies.Indices)
            Renumber(graph, indices, gone);
        foreach (var list in dependencies.Sizes.GroupBy(size => (size.Place.Node, size.Place.Input, size.Place.Attribute)))
            Count(graph, list.Key.Node, list.Key.Input, list.Key.Attribute, [.. list.Select(size => (size.Place.Position, Kept(size.Classes, gone).Length, size.Classes.Length))]);
    }

    /// <summary>The classes that go.</summary>
    internal static HashSet<int> Gone(IReadOnlyDictionary<ChannelGroup, int[]> kept) =>
        [.. kept.SelectMany(entry => entry.Key.Classes.Except(entry.Value.Select(channel => entry.Key.Classes[channel])))];

    /// <summary>The indices along an axis whose classes stay.</summary>
    internal static int[] Kept(int[] classes, HashSet<int> gone) => [.. Enumerable.Range(0, classes.Length).Where(index => !gone.Contains(classes[index]))];

    /// <summary>Indices into an axis that got shorter: those that are gone are dropped, the others count anew.</summary>
    static void Renumber(Graph graph, UnitSlice axis, HashSet<int> gone)
    {
        var kept = Kept(axis.Units, gone);
        if (kept.Length == axis.Units.Length)
            return;
        var old = graph.Initializer(axis.Node.Input(axis.Input))!;
        var positions = kept.Index().ToDictionary(entry => (long)entry.Item, entry => entry.Index);
        long[] renumbered = [.. old.Integers().Select(index => index < 0 ? index + axis.Units.Length : index).Where(positions.ContainsKey).Select(index => (long)positions[index])];
        graph.SetConstant(axis.Node, axis.Input, Like(old, renumbered, old.Shape.Length == 0 ? [] : [renumbered.Length]));
    }

    static void Count(Graph graph, Node node, int input, string? attribute, (int Position, int After, int Before)[] counts)
    {
        if (Array.TrueForAll(counts, count => count.After == count.Before))
            return;
        if (attribute is not null && node.Ints(attribute) is { Count: > 0 } list)
            node.With(attribute, Changed([.. list]));
        else if (attribute is not null)
            node.With(attribute, counts[0].After);
        else if (graph.Initializer(node.Input(input)) is { } constant)
            graph.SetConstant(node, input, Like(constant, Changed(constant.Integers()), constant.Shape));

        long[] Changed(long[] values)
        {
            foreach (var (position, after, _) in counts)
                values[position] = after;
            return values;
        }
    }

    static Tensor Like(Tensor old, long[] values, int[] shape) => old.Type == DataType.Int32
        ? Tensor.Of<int>(old.Name, Array.ConvertAll(values, value => (int)value), shape)
        : Tensor.Of<long>(old.Name, values, shape);
}
