using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Layers;

/// <summary>Lists the layers of a model.</summary>
public static class LayerCatalog
{
    /// <summary>The layers in the graph's order.</summary>
    /// <param name="graph">The graph, float or quantized.</param>
    /// <param name="shapes">Measured sizes for a batch of one; MACs are null for layers whose sizes are missing.</param>
    public static IReadOnlyList<Layer> List(Graph graph, TensorShapes shapes)
    {
        var layers = new List<Layer>();
        foreach (var node in graph.Nodes)
        {
            if (Find(graph, node) is not var (input, weight))
                continue;
            var activation = shapes.Of(node.Input(input == 0 ? 1 : 0));
            var output = shapes.Of(node.Output());
            layers.Add(new Layer(node, layers.Count, input, weight, Constant(graph, node.Input(2)), activation, output,
                Cost.Macs(node, weight.Shape, input, activation, output)));
        }

        return layers;
    }

    /// <summary>The constant behind a tensor, seen through DequantizeLinear; null where it is computed.</summary>
    public static Tensor? Constant(Graph graph, string tensor)
    {
        if (graph.Initializer(tensor) is { } initializer)
            return initializer;
        return graph.Producer(tensor) is { IsDequantizer: true } dequantize ? graph.Initializer(dequantize.Input(0)) : null;
    }

    /// <summary>Whether a constant that is added to a layer's output is one number for each output channel: all of its sizes but the last are 1.</summary>
    public static bool IsBias(Tensor added, int outputs) =>
        added.Shape is [.. var outer, var last] && last == outputs && outer.All(size => size == 1);

    static (int Input, Tensor Weight)? Find(Graph graph, Node node)
    {
        if (node.Is("Conv", "ConvTranspose", "Gemm", "MatMul") && Constant(graph, node.Input(1)) is { } right && right.Shape.Length >= 2)
            return (1, right);
        if (node.Is("MatMul", "Gemm") && Constant(graph, node.Input(0)) is { } left && left.Shape.Length >= 2)
            return (0, left);
        // A table of embeddings; other operators look up sizes and indices with it.
        if (node.Is("Gather") && node.Int("axis") == 0 && Constant(graph, node.Input(0)) is { Type: DataType.Float or DataType.Int8 } table && table.Shape.Length == 2)
            return (0, table);
        return null;
    }
}
