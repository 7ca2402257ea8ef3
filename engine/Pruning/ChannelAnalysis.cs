using Compress.Models;
using Compress.Pruning.Dependencies;

namespace Compress.Pruning;

/// <summary>
/// Finds which channels go together, in one pass over the graph in topological order. Layers make units, one for each of their outputs;
/// every tensor is given the units along its axes; operators pass them on, permute them, join those that can only go together, or pin
/// them where their effect on channels is not known (dependency groups as in Fang et al., DepGraph, CVPR 2023).
/// </summary>
public static class ChannelAnalysis
{
    /// <summary>The dependency groups of a graph.</summary>
    /// <param name="graph">The graph, batch normalization folded or not.</param>
    /// <param name="shapes">Measured sizes; operators that need those that are missing pin what they read.</param>
    public static DependencyGraph Find(Graph graph, TensorShapes shapes)
    {
        var trace = new Trace(graph, shapes);
        foreach (var node in graph.Nodes)
            Visit(trace, node);
        foreach (var output in graph.Outputs)
            trace.Pin(output.Name, $"its channels reach the graph output '{output.Name}'");
        trace.Close();
        return DependencyGraph.Of(trace);
    }

    static void Visit(Trace trace, Node node)
    {
        foreach (var captured in trace.Graph.Bodies(node).SelectMany(body => body.Captured))
            trace.Pin(captured, $"its channels are read inside {node}");

        if (SizeRules.Visit(trace, node) || (!OperatorRules.MakesUnits(node) && !node.Inputs.Any(trace.IsTracked)))
            return;
        if (OperatorRules.Visit(trace, node))
            return;
        foreach (var input in node.Inputs)
            trace.Pin(input, $"its channels feed {node}, whose effect on channels is not known");
    }
}
