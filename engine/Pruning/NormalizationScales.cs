using Compress.Models;

namespace Compress.Pruning;

/// <summary>
/// Scores channels by the scale that batch normalization gives them (Liu et al., Network Slimming, ICCV 2017). By the time of pruning, it
/// has been folded into the weights, so it is looked up in the model as it was read, by the name of the tensor that it gives.
/// </summary>
static class NormalizationScales
{
    /// <summary>|γ| of each channel.</summary>
    /// <param name="slice">The channels in the layer that makes them.</param>
    /// <param name="graph">The graph that the layer is part of.</param>
    /// <param name="source">The graph before any rewriting.</param>
    /// <returns>Null where no batch normalization with constant scales follows the layer.</returns>
    public static double[]? Of(ChannelSlice slice, Graph graph, Graph source)
    {
        var filters = graph.Initializer(slice.Node.Input(slice.Input))!.Shape[slice.Axis];
        var normalization = Folded(source, slice.Node) ?? Behind(graph, slice.Node.Output());
        if (normalization is not var (home, node) || home.Initializer(node.Input(1)) is not { } scale || scale.Count != filters)
            return null;
        var gamma = scale.Floats().ToArray();
        return Array.ConvertAll(slice.Indices, indices => indices.Sum(index => Math.Abs((double)gamma[index])));
    }

    /// <summary>The normalization whose output the layer gives now.</summary>
    static (Graph, Node)? Folded(Graph source, Node layer) =>
        source.Producer(layer.Output()) is { } producer && producer.Is("BatchNormalization") ? (source, producer) : null;

    static (Graph, Node)? Behind(Graph graph, string tensor) =>
        graph.OnlyConsumer(tensor) is { } consumer && consumer.Is("BatchNormalization") ? (graph, consumer) : null;
}
