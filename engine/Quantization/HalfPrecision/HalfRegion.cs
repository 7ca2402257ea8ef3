using Compress.Models;
using Compress.Numerics;

namespace Compress.Quantization.HalfPrecision;

/// <summary>
/// Which nodes of a graph compute in fp16. Layers that are asked for do; other layers, callers of the model, and operators without fp16 do
/// not. What stands between is divided so that the graph needs the fewest Casts, one for each tensor that is made in one type and read in
/// the other: a minimum cut. Of several such divisions that with most nodes in fp16 is taken.
/// </summary>
/// <remarks>
/// Arithmetic on nothing but integers and constants, as on masks, positions and sizes, is not free to go to fp16: it would be exact
/// up to 2,048 only.
/// </remarks>
sealed class HalfRegion
{
    readonly HashSet<Node> inHalf = [];

    /// <param name="graph">The graph, in float.</param>
    /// <param name="isFloat">Whether a tensor is float32.</param>
    /// <param name="asked">The layers that compute in fp16.</param>
    /// <param name="isLayer">Whether a node is a layer.</param>
    /// <param name="hazards">What fp16 does not hold.</param>
    public HalfRegion(Graph graph, Func<string, bool> isFloat, IReadOnlySet<Node> asked, Func<Node, bool> isLayer, HalfHazards hazards)
    {
        if (asked.Count == 0)
            return;
        var cut = new MinimumCut();
        var vertices = new Dictionary<Node, int>();
        var activations = graph.Inputs.Select(input => input.Name).Where(isFloat).ToHashSet();
        foreach (var node in graph.Nodes)
        {
            var computes = isLayer(node) || graph.Bodies(node).Any() || node.Inputs.Any(activations.Contains);
            if (computes)
                activations.UnionWith(node.Outputs.Where(isFloat));
            vertices[node] = asked.Contains(node) ? MinimumCut.Source
                : computes && !isLayer(node) && HalfOperators.Take(node, isFloat) && !hazards.Touch(node) ? cut.Vertex()
                : MinimumCut.Sink;
        }

        foreach (var tensor in graph.Inputs.Select(input => input.Name).Concat(graph.Nodes.SelectMany(node => node.Outputs)).Where(isFloat))
        {
            var maker = graph.Producer(tensor) is { } producer ? vertices[producer] : MinimumCut.Sink;
            AddTensor(cut, maker, Readers(graph, tensor, vertices));
        }

        var inFloat = cut.SinkSide();
        inHalf.UnionWith(vertices.Where(entry => !inFloat[entry.Value]).Select(entry => entry.Key));
    }

    public IReadOnlySet<Node> Nodes => inHalf;

    /// <summary>Whether a node reads one of its inputs in fp16, if that is a float.</summary>
    public bool ReadsHalf(Node node, int input) => inHalf.Contains(node) && !HalfOperators.StaysFloat(node, input);

    /// <summary>A Cast costs 1 where one reader at least has another type than the tensor; all that read in one type share it.</summary>
    static void AddTensor(MinimumCut cut, int maker, HashSet<int> readers)
    {
        readers.Remove(maker);
        if (readers.Count == 0)
            return;
        var (toFloat, toHalf) = (cut.Vertex(), cut.Vertex());
        cut.Edge(maker, toFloat, 1);
        cut.Edge(toHalf, maker, 1);
        foreach (var reader in readers)
        {
            cut.Edge(toFloat, reader, MinimumCut.Never);
            cut.Edge(reader, toHalf, MinimumCut.Never);
        }
    }

    static HashSet<int> Readers(Graph graph, string tensor, Dictionary<Node, int> vertices)
    {
        var readers = graph.IsOutput(tensor) ? new HashSet<int> { MinimumCut.Sink } : [];
        foreach (var node in graph.Consumers(tensor))
        {
            var staysFloat = node.Inputs.Index().Where(entry => entry.Item == tensor).Select(entry => HalfOperators.StaysFloat(node, entry.Index)).ToList();
            if (staysFloat.Count == 0 || staysFloat.Contains(true))
                readers.Add(MinimumCut.Sink);
            if (staysFloat.Contains(false))
                readers.Add(vertices[node]);
        }

        return readers;
    }
}
