using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Pruning.Dependencies;

/// <summary>
/// What is known while the graph is walked: the units along each axis of each tensor, which numbers of computed shapes come from where,
/// and which constants and written sizes go with which units. The rules of operators write into it.
/// </summary>
sealed class Trace(Graph graph, TensorShapes shapes)
{
    /// <summary>Stands where an index belongs to no unit, since it never goes.</summary>
    public const int Fixed = -1;

    readonly Dictionary<string, int[]?[]> layouts = [];
    readonly HashSet<int[]> axes = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Place, int[]> sizes = [];
    readonly HashSet<Place> frozen = [];

    public Graph Graph => graph;

    public UnitSets Units { get; } = new();

    public List<UnitSlice> Slices { get; } = [];

    /// <summary>Written numbers that are the count of some units.</summary>
    public IReadOnlyDictionary<Place, int[]> Sizes => sizes;

    /// <summary>Constant indices into an axis with these units.</summary>
    public List<UnitSlice> Indices { get; } = [];

    public Dictionary<string, SizeElement[]> Elements { get; } = [];

    public IReadOnlyDictionary<string, int[]?[]> Layouts => layouts;

    /// <summary>The units along every tracked axis, each array once.</summary>
    public IReadOnlyCollection<int[]> Axes => axes;

    public bool IsTracked(string tensor) => layouts.ContainsKey(tensor);

    public int[]?[]? LayoutOf(string tensor) => layouts.GetValueOrDefault(tensor);

    /// <summary>The units along an axis; null where it is not tracked.</summary>
    public int[]? Axis(string tensor, int axis) => layouts.TryGetValue(tensor, out var layout) ? layout[axis] : null;

    public int[]? ShapeOf(string tensor) => graph.Initializer(tensor)?.Shape ?? shapes.Of(tensor);

    /// <summary>The number of axes; −1 where it is not known.</summary>
    public int RankOf(string tensor) => layouts.TryGetValue(tensor, out var layout) ? layout.Length : ShapeOf(tensor)?.Length ?? -1;

    public int SizeOf(string tensor, int axis) => Axis(tensor, axis)?.Length ?? ShapeOf(tensor)![axis];

    /// <summary>Records the units along the axes of an output.</summary>
    public void Set(string tensor, int[]?[] layout)
    {
        if (tensor.Length == 0 || Array.TrueForAll(layout, units => units is null))
            return;
        layouts[tensor] = layout;
        foreach (var units in layout)
        {
            if (units is not null)
                axes.Add(units);
        }
    }

    /// <summary>Joins position by position. One array that is not tracked leaves the other as it is.</summary>
    public int[]? Join(int[]? one, int[]? other, Node by)
    {
        if (one is null || other is null || one == other)
            return one ?? other;
        if (one.Length != other.Length)
        {
            Pin(one, $"its channels meet others, not as many, in {by}");
            Pin(other, $"its channels meet others, not as many, in {by}");
            return one;
        }

        var joint = new int[one.Length];
        for (var i = 0; i < joint.Length; i++)
            joint[i] = Join(one[i], other[i], by);
        return joint.AsSpan().SequenceEqual(one) ? one : joint;
    }

    public int Join(int one, int other, Node by)
    {
        if (one >= 0 && other >= 0)
            Units.Join(one, other, by);
        else if (Math.Max(one, other) >= 0)
            Units.Pin(Math.Max(one, other), $"its channels meet what no layer makes in {by}");
        return one >= 0 ? one : other;
    }

    public void Pin(int[]? units, string reason)
    {
        foreach (var unit in units ?? [])
        {
            if (unit >= 0)
                Units.Pin(unit, reason);
        }
    }

    public void Pin(string tensor, string reason)
    {
        foreach (var units in LayoutOf(tensor) ?? [])
            Pin(units, reason);
        foreach (var element in Elements.GetValueOrDefault(tensor) ?? [])
            Freeze(element, reason);
    }

    /// <summary>Keeps a number of a shape as it is.</summary>
    public void Freeze(SizeElement element, string reason)
    {
        Pin(element.Units, reason);
        if (element.Place is not null)
            frozen.Add(element.Place);
    }

    /// <summary>Pins what lies along other axes than these of an input: the operator mixes it.</summary>
    public void Only(Node node, int input, params ReadOnlySpan<int> followed)
    {
        if (LayoutOf(node.Input(input)) is not { } layout)
            return;
        for (var axis = 0; axis < layout.Length; axis++)
        {
            if (!followed.Contains(axis))
                Pin(layout[axis], $"its channels are mixed by {node}");
        }
    }

    /// <summary>Fresh units along the axis of a weight.</summary>
    public int[] Produce(Node node, int input, int axis)
    {
        var units = Units.Fresh(graph.Initializer(node.Input(input))!.Shape[axis]);
        Slice(node, input, axis, SliceRole.Producer, units);
        return units;
    }

    /// <summary>Says that an axis of a constant goes with units; without units, it stays.</summary>
    public void Slice(Node node, int input, int axis, SliceRole role, int[]? units)
    {
        if (units is null)
            return;
        var constant = graph.Initializer(node.Input(input))!;
        if (constant.Shape[axis] != units.Length || !TensorSelection.CanSelect(constant))
            Pin(units, $"its channels cannot be taken out of '{constant.Name}' of {node}");
        else
            Slices.Add(new UnitSlice(node, input, axis, role, units));
    }

    /// <summary>Says that a number written at a place is the count of units.</summary>
    public void Size(Place place, int[] units, Node by)
    {
        if (!sizes.TryGetValue(place, out var others))
            sizes.Add(place, units);
        else
            Join(units, others, by);
    }

    /// <summary>Gives an axis with these units the size that an element of a shape says.</summary>
    public void Size(SizeElement element, int[]? units, Node by)
    {
        if (element.Units is { } measured)
        {
            if (units is null)
                Pin(measured, $"the number of its channels is the size of something else in {by}");
            else
                Join(units, measured, by);
        }
        else if (units is null)
        {
            Freeze(element, "");
        }
        else if (element.Value is > 1)
        {
            Size(element.Place!, units, by);
        }
        else if (element.Value is null)
        {
            Pin(units, $"the size that {by} gives its channels is computed");
        }
    }

    /// <summary>
    /// One axis of the result of an operator that takes several operands along it, broadcast where their size is 1. Constants with a number
    /// for each index ride along.
    /// </summary>
    /// <param name="node">The operator.</param>
    /// <param name="operands">Its inputs, and which of their axes lies here; sizes must be known.</param>
    public int[]? Align(Node node, IReadOnlyList<(int Input, int Axis)> operands)
    {
        int[]? joint = null;
        var size = 1;
        foreach (var (input, axis) in operands)
            size = Math.Max(size, SizeOf(node.Input(input), axis));
        foreach (var (input, axis) in operands)
        {
            if (Axis(node.Input(input), axis) is { } units && units.Length == size)
                joint = Join(joint, units, node);
        }

        if (joint is null)
            return null;
        foreach (var (input, axis) in operands)
        {
            var name = node.Input(input);
            if (Axis(name, axis) is not null || ShapeOf(name)![axis] == 1)
                continue;
            if (graph.Initializer(name) is not null)
                Slice(node, input, axis, SliceRole.Rider, joint);
            else
                Pin(joint, $"its channels meet those of '{name}', which no layer makes, in {node}");
        }

        return joint;
    }

    /// <summary>Pins what would change a written number that something else reads as well.</summary>
    public void Close()
    {
        foreach (var place in frozen)
        {
            if (sizes.Remove(place, out var units))
                Pin(units, $"the number of its channels, written for {place.Node}, is used for something else as well");
        }
    }

    /// <summary>A constant list of integers, given as an input or, in older operator sets, as an attribute; null where there is none.</summary>
    public long[]? Integers(Node node, int input, string attribute)
    {
        if (node.Ints(attribute) is { } values)
            return [.. values];
        return graph.Initializer(node.Input(input)) is { Type: DataType.Int64 or DataType.Int32 } constant ? constant.Integers() : null;
    }
}
