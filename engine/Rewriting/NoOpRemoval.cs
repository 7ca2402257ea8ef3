using Compress.Models;

namespace Compress.Rewriting;

/// <summary>Removes Identity, and Dropout as it acts outside of training.</summary>
public sealed class NoOpRemoval : IRewrite
{
    public string Name => "nodes that do nothing are gone";

    public int Apply(Model model) => model.Graph.WithBodies().ToArray().Sum(Apply);

    static int Apply(Graph graph)
    {
        var removed = 0;
        foreach (var node in graph.Nodes.ToArray())
        {
            if ((node.Is("Identity") || IsIdleDropout(graph, node)) && graph.Bypass(node, node.Input(0)))
                removed++;
        }

        return removed;
    }

    static bool IsIdleDropout(Graph graph, Node node)
    {
        if (!node.Is("Dropout"))
            return false;
        var mask = node.Output(1);
        if (mask.Length > 0 && (graph.IsOutput(mask) || graph.Consumers(mask).Count > 0))
            return false;
        // Training mode is an input from opset 12 on; before opset 7 an attribute said the opposite.
        return node.Input(2).Length == 0 && (!node.Has("is_test") || node.Int("is_test") != 0);
    }
}
