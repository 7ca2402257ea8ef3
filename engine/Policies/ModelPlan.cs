using Compress.Models;

namespace Compress.Policies;

/// <summary>What is asked of every layer. Nodes that replace a layer inherit what remains to be done to it.</summary>
public sealed class ModelPlan(IReadOnlyList<LayerPlan> layers)
{
    readonly Dictionary<Node, LayerPlan> byNode = layers.ToDictionary(plan => plan.Layer.Node);

    /// <summary>The plan of each layer, in the graph's order at the time of planning.</summary>
    public IReadOnlyList<LayerPlan> Layers { get; } = layers;

    /// <summary>What the model may cost once layers are factorized; null where no budget is set.</summary>
    public RankBudgetSettings? Budget { get; init; }

    /// <summary>The plan of a node; null where it is no layer.</summary>
    public LayerPlan? Of(Node node) => byNode.GetValueOrDefault(node);

    /// <summary>Gives the nodes that take a layer's place that layer's plan.</summary>
    public void Inherit(Node original, params ReadOnlySpan<Node> parts)
    {
        if (!byNode.Remove(original, out var plan))
            return;
        foreach (var part in parts)
            byNode[part] = plan;
    }

    /// <summary>Changes what is asked of a layer.</summary>
    public void Replace(Node node, LayerPlan plan) => byNode[node] = plan;
}
