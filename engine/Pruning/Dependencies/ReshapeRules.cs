using Compress.Layers;
using Compress.Models;

namespace Compress.Pruning.Dependencies;

/// <summary>
/// Reshape, Flatten, Squeeze and Unsqueeze: the same numbers along other axes. Merged axes repeat units (one channel is H·W columns).
/// Of axes that come from a split one carries the units, and those that share an index along it are joined, so that what stays is
/// rectangular: the channels of one attention head, or channel j of every group of a channel shuffle.
/// </summary>
static class ReshapeRules
{
    public static bool Reshape(Trace trace, Node node)
    {
        var elements = SizeRules.ElementsOf(trace, node, 1);
        if (!Map(trace, node, out var layout))
            return false;
        if (elements is null)
        {
            foreach (var units in layout)
                trace.Pin(units, $"the size that {node} gives its channels is computed");
        }
        else
        {
            for (var axis = 0; axis < Math.Min(elements.Length, layout.Length); axis++)
                Resize(trace, node, elements[axis], axis, layout[axis]);
        }

        trace.Set(node.Output(), layout);
        return true;
    }

    /// <summary>Flatten, Squeeze and Unsqueeze: their sizes follow by themselves.</summary>
    public static bool Follow(Trace trace, Node node)
    {
        if (!Map(trace, node, out var layout))
            return false;
        trace.Set(node.Output(), layout);
        return true;
    }

    static void Resize(Trace trace, Node node, SizeElement element, int axis, int[]? units)
    {
        if (element.Value == -1)
            return;
        // 0 stands for the size of the input's axis.
        if (element.Value == 0)
            element = SizeElement.Measured(trace.Axis(node.Input(0), axis));
        if (element.IsMeasured && element.Units is null && units is not null)
            trace.Pin(units, $"the size that {node} gives its channels is that of something else");
        else
            trace.Size(element, units, node);
    }

    static bool Map(Trace trace, Node node, out int[]?[] output)
    {
        output = [];
        if (trace.LayoutOf(node.Input(0)) is not { } input || trace.ShapeOf(node.Input(0)) is not { } from || trace.ShapeOf(node.Output()) is not { } to
            || AxisRuns.Of(from, to) is not { } runs)
        {
            return !trace.IsTracked(node.Input(0));
        }

        output = new int[]?[to.Length];
        foreach (var (fromRange, toRange) in runs)
        {
            var (source, target) = (fromRange.GetOffsetAndLength(from.Length), toRange.GetOffsetAndLength(to.Length));
            var tracked = Enumerable.Range(source.Offset, source.Length).Where(axis => input[axis] is not null).ToArray();
            if (tracked.Length == 0)
                continue;
            if (source.Length == 1 && target.Length == 1)
            {
                output[target.Offset] = input[source.Offset];
                continue;
            }

            var candidates = Enumerable.Range(target.Offset, target.Length).Where(axis => to[axis] > 1).ToArray();
            if (tracked.Length > 1 || candidates.Length == 0)
            {
                foreach (var axis in tracked)
                    trace.Pin(input[axis], $"its channels cannot be told apart behind {node}");
                continue;
            }

            var flat = Spread(input[tracked[0]]!, from, tracked[0], fromRange);
            var isLast = fromRange.End.Value == from.Length && target.Length > 1;
            Carry(trace, node, flat, to, toRange, Order(trace, flat, to, toRange, candidates, isLast)[0], output);
        }

        return true;
    }

    /// <summary>The unit of every number within a run of axes.</summary>
    static int[] Spread(int[] units, int[] sizes, int axis, Range run)
    {
        var (count, inner) = (Cost.Count(sizes.AsSpan(run)), Cost.Count(sizes.AsSpan((axis + 1)..run.End)));
        var flat = new int[count];
        for (var i = 0; i < count; i++)
            flat[i] = units[i / inner % units.Length];
        return flat;
    }

    /// <summary>
    /// The axes that could carry the units, best first: one that needs no joins; else the longest, but not the last axis of a tensor whose
    /// last axis was split, since that is the inside of attention heads.
    /// </summary>
    static int[] Order(Trace trace, int[] flat, int[] to, Range run, int[] candidates, bool isLast) =>
    [
        .. candidates.OrderByDescending(axis => candidates.Length == 1 || IsUniform(trace, flat, Cost.Count(to.AsSpan((axis + 1)..run.End)), to[axis]))
            .ThenBy(axis => isLast && axis == candidates[^1])
            .ThenByDescending(axis => to[axis]),
    ];

    static bool IsUniform(Trace trace, int[] flat, int inner, int size)
    {
        var first = new int?[size];
        for (var i = 0; i < flat.Length; i++)
        {
            var unit = flat[i] < 0 ? flat[i] : trace.Units.Find(flat[i]);
            ref var seen = ref first[i / inner % size];
            seen ??= unit;
            if (seen != unit)
                return false;
        }

        return true;
    }

    static void Carry(Trace trace, Node node, int[] flat, int[] to, Range run, int axis, int[]?[] output)
    {
        var inner = Cost.Count(to.AsSpan((axis + 1)..run.End));
        var units = new int[to[axis]];
        var isSeen = new bool[to[axis]];
        for (var i = 0; i < flat.Length; i++)
        {
            var index = i / inner % units.Length;
            units[index] = isSeen[index] ? trace.Join(units[index], flat[i], node) : flat[i];
            isSeen[index] = true;
        }

        output[axis] = units;
    }
}
