using Compress.Models;

namespace Compress.Quantization;

/// <summary>
/// The DynamicQuantizeLinear nodes of a model: one for each tensor, whichever layers read it, such as the queries, keys and values of
/// attention. Each finds the range of its tensor in every run: s = (max(0, x) − min(0, x)) / 255, z = round(−min(0, x) / s).
/// </summary>
sealed class RunTimeQuantizers
{
    /// <summary>The first opset with DynamicQuantizeLinear.</summary>
    public const int LeastOpset = 11;

    readonly Dictionary<(Graph Graph, string Tensor), Node> quantizers = [];

    /// <summary>The quantizer of a tensor: its outputs are the uint8 values, the scale and the zero point.</summary>
    /// <param name="graph">The graph in which it is read.</param>
    /// <param name="tensor">A float tensor.</param>
    /// <param name="reader">The node that reads it; readers come in the graph's order.</param>
    public Node Of(Graph graph, string tensor, Node reader)
    {
        if (quantizers.TryGetValue((graph, tensor), out var quantizer))
            return quantizer;
        quantizer = Node.Create("DynamicQuantizeLinear", graph.Fresh(tensor + "/Q"), [tensor],
            [graph.Fresh(tensor + "_q"), graph.Fresh(tensor + "_scale"), graph.Fresh(tensor + "_zero_point")]);
        graph.InsertBefore(reader, quantizer);
        quantizers.Add((graph, tensor), quantizer);
        return quantizer;
    }
}
