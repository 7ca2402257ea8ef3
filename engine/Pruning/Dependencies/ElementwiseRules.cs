using Compress.Models;

namespace Compress.Pruning.Dependencies;

/// <summary>Operators that treat every number by itself.</summary>
static class ElementwiseRules
{
    /// <summary>One operand; further inputs are settings for all channels.</summary>
    public static bool Unary(Trace trace, Node node)
    {
        if (UsesMoreOutputs(trace, node) || node.Inputs.Skip(1).Any(trace.IsTracked))
            return false;
        if (trace.LayoutOf(node.Input(0)) is { } layout)
            trace.Set(node.Output(), layout);
        return true;
    }

    /// <summary>Several operands that are broadcast to each other: their channels go together.</summary>
    public static bool Broadcast(Trace trace, Node node)
    {
        var rank = 0;
        for (var i = 0; i < node.Inputs.Count; i++)
        {
            if (trace.RankOf(node.Input(i)) < 0 || (trace.ShapeOf(node.Input(i)) is null && node.Inputs.Count > 1))
                return false;
            rank = Math.Max(rank, trace.RankOf(node.Input(i)));
        }

        var output = new int[]?[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            var operands = new List<(int, int)>();
            for (var i = 0; i < node.Inputs.Count; i++)
            {
                var own = axis - rank + trace.RankOf(node.Input(i));
                if (own >= 0)
                    operands.Add((i, own));
            }

            output[axis] = trace.Align(node, operands);
        }

        trace.Set(node.Output(), output);
        return true;
    }

    /// <summary>Whether anything reads more than the first output.</summary>
    public static bool UsesMoreOutputs(Trace trace, Node node) => node.Outputs.Skip(1).Any(trace.Graph.IsUsed);
}
