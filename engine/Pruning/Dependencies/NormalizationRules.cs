using Compress.Models;

namespace Compress.Pruning.Dependencies;

/// <summary>Normalizations and reductions: along the axes that they look at, channels cannot go without changing those that stay.</summary>
static class NormalizationRules
{
    /// <summary>BatchNormalization and InstanceNormalization: each channel by itself, with a scale and more for each.</summary>
    public static bool PerChannel(Trace trace, Node node)
    {
        if (ElementwiseRules.UsesMoreOutputs(trace, node) || node.Inputs.Skip(1).Any(name => trace.Graph.Initializer(name) is null))
            return false;
        trace.Only(node, 0, 1);
        var units = trace.Axis(node.Input(0), 1);
        for (var input = 1; input < node.Inputs.Count; input++)
            trace.Slice(node, input, 0, SliceRole.Rider, units);
        return PassOn(trace, node, axis => axis == 1);
    }

    /// <summary>Softmax and its kin, and LayerNormalization: over an axis and, in older operator sets, over all behind it.</summary>
    public static bool FromAxis(Trace trace, Node node)
    {
        if (ElementwiseRules.UsesMoreOutputs(trace, node) || trace.RankOf(node.Input(0)) is not (> 0 and var rank))
            return false;
        // Without the attribute it is the last axis or axis 1, depending on the operator set.
        var axis = node.Has("axis") || node.Is("LayerNormalization") ? (int)node.Int("axis", -1) : 1;
        axis = axis < 0 ? axis + rank : axis;
        return PinFrom(trace, node, each => each >= axis, "normalized together");
    }

    /// <summary>LRN: over neighbouring channels.</summary>
    public static bool AcrossChannels(Trace trace, Node node) => PinFrom(trace, node, axis => axis >= 1, "normalized together");

    public static bool Reduce(Trace trace, Node node)
    {
        if (trace.LayoutOf(node.Input(0)) is not { } layout)
            return true;
        var axes = node.Is("ArgMax", "ArgMin") ? [node.Int("axis")] : trace.Integers(node, 1, "axes");
        if (axes is null && node.Input(1).Length > 0)
            return false;
        var reduced = axes is { Length: > 0 }
            ? axes.Select(axis => (int)(axis < 0 ? axis + layout.Length : axis)).ToHashSet()
            : node.Int("noop_with_empty_axes") != 0 ? [] : Enumerable.Range(0, layout.Length).ToHashSet();
        foreach (var axis in reduced)
            trace.Pin(layout[axis], $"its channels are reduced to one number by {node}");
        trace.Set(node.Output(), node.Int("keepdims", 1) != 0
            ? [.. layout.Select((units, axis) => reduced.Contains(axis) ? null : units)]
            : [.. layout.Where((_, axis) => !reduced.Contains(axis))]);
        return true;
    }

    /// <summary>Pooling over all axes but the first two.</summary>
    public static bool Pool(Trace trace, Node node)
    {
        if (ElementwiseRules.UsesMoreOutputs(trace, node))
            return false;
        trace.Only(node, 0, 0, 1);
        return PassOn(trace, node, axis => axis < 2);
    }

    static bool PinFrom(Trace trace, Node node, Predicate<int> isMixed, string how)
    {
        var layout = trace.LayoutOf(node.Input(0));
        for (var axis = 0; axis < layout?.Length; axis++)
        {
            if (isMixed(axis))
                trace.Pin(layout[axis], $"its channels are {how} by {node}");
        }

        // Units stay along the axis, pinned: what comes behind them is still told where they are.
        return PassOn(trace, node, _ => true);
    }

    static bool PassOn(Trace trace, Node node, Predicate<int> follows)
    {
        if (trace.LayoutOf(node.Input(0)) is { } layout)
            trace.Set(node.Output(), [.. layout.Select((units, axis) => follows(axis) ? units : null)]);
        return true;
    }
}
