using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Layers;

/// <summary>Lists the layers of a model.</summary>
public static class LayerCatalog
{
    const int BiasOfPackedProduct = 5;

    /// <summary>The layers in the graph's order; those in the bodies of a node come where the node stands.</summary>
    /// <param name="graph">The graph of a model, float or quantized.</param>
    /// <param name="shapes">Measured sizes for a batch of one; MACs are null for layers whose sizes are missing, as they are in bodies.</param>
    public static IReadOnlyList<Layer> List(Graph graph, TensorShapes shapes)
    {
        var layers = new List<Layer>();
        List(graph, "", shapes, layers, []);
        return layers;
    }

    /// <summary>
    /// The constant behind a tensor, seen through DequantizeLinear, a Cast from 16 bits, and the lookup of shared values; null where it is computed.
    /// </summary>
    public static Tensor? Constant(Graph graph, string tensor)
    {
        if (graph.Initializer(tensor) is { } initializer)
            return initializer;
        return Producer(graph, tensor) switch
        {
            (var home, { IsDequantizer: true } dequantize) => home.Initializer(dequantize.Input(0)),
            (var home, var cast) when cast.Is("Cast") && home.Initializer(cast.Input(0)) is { Type: DataType.Float16 or DataType.Bfloat16 } half => half,
            (var home, var mul) when PackedIntegers.BehindMagnitudes(home, mul) is { } signs => signs.Meaning,
            (var home, var lookup) => SharedIndices(home, lookup)?.Meaning,
            _ => null,
        };
    }

    /// <summary>The indices that a node looks shared values up with: as they are stored, and as they are meant where several share a byte; null for any other node.</summary>
    public static (Tensor Stored, Tensor Meaning)? SharedIndices(Graph graph, Node node)
    {
        if (!node.Is("Gather") || node.Int("axis") != 0 || graph.Initializer(node.Input(0)) is not { Type: DataType.Float, Shape.Length: 1 })
            return null;
        var cast = graph.Producer(node.Input(1));
        if (PackedIntegers.Behind(graph, cast) is { } packed)
            return packed;
        return cast is not null && cast.Is("Cast") && graph.Initializer(cast.Input(0)) is { Type: DataType.Uint8 } indices ? (indices, indices) : null;
    }

    /// <summary>Whether a constant that is added to a layer's output is one number for each output channel: all of its sizes but the last are 1.</summary>
    public static bool IsBias(Tensor added, int outputs) =>
        added.Shape is [.. var outer, var last] && last == outputs && outer.All(size => size == 1);

    /// <summary>The axis of a weight along which its output channels lie: of Conv, Gemm and MatMul with the weight on the right, or of a table.</summary>
    public static int OutputAxis(Node node) => node.Is("Conv") || (node.Is("Gemm") && node.Int("transB") != 0) ? 0 : 1;

    /// <summary>Whether a node takes one step after another, with a weight for its input and one for what the step before gave.</summary>
    public static bool IsRecurrent(Node node) => node.Is("LSTM", "GRU", "RNN") || node.IsDynamicLstm;

    static void List(Graph graph, string path, TensorShapes shapes, List<Layer> layers, HashSet<string> taken)
    {
        foreach (var node in graph.Nodes)
        {
            if (Find(graph, node) is var (input, weight))
            {
                // A body computes a tensor of its own at each turn: what was measured is that of the model's graph.
                var known = graph.Owner is null ? shapes : TensorShapes.None;
                var activation = known.Of(node.Input(input == 0 ? 1 : 0));
                var output = known.Of(node.Outputs.FirstOrDefault(name => name.Length > 0, ""));
                var (bias, recurrence) = IsRecurrent(node) ? (Constant(graph, node.Input(3)), Constant(graph, node.Input(2))) : (Constant(graph, node.Input(node.OpType == "MatMulNBits" ? BiasOfPackedProduct : 2)), null);
                layers.Add(new Layer(graph, node, Unique(path + node.DisplayName, taken), layers.Count, input, weight, bias,
                    activation, output, Cost.Macs(node, weight.Shape, input, activation, output, recurrence?.Shape), recurrence));
            }

            foreach (var (attribute, body) in node.BodyNames().Zip(graph.Bodies(node)))
                List(body, $"{path}{node.DisplayName}/{attribute}/", shapes, layers, taken);
        }
    }

    /// <summary>Of several layers of one name, all but the first are numbered.</summary>
    static string Unique(string name, HashSet<string> taken)
    {
        var unique = name;
        for (var number = 2; !taken.Add(unique); number++)
            unique = $"{name}#{number}";
        return unique;
    }

    /// <summary>The node that makes a tensor as a graph sees it, with the graph that it is part of.</summary>
    static (Graph Home, Node Producer)? Producer(Graph graph, string tensor)
    {
        for (var at = graph; at is not null; at = at.Outer)
        {
            if (at.Producer(tensor) is { } producer)
                return (at, producer);
            if (at.IsLocal(tensor))
                return null;
        }

        return null;
    }

    static (int Input, Tensor Weight)? Find(Graph graph, Node node)
    {
        if (node.Is("Conv", "ConvTranspose", "Gemm", "MatMul") && Constant(graph, node.Input(1)) is { } right && right.Shape.Length >= 2)
            return (1, right);
        if (node.Is("MatMul", "Gemm") && Constant(graph, node.Input(0)) is { } left && left.Shape.Length >= 2)
            return (0, left);
        if (PackedWeights.Of(graph, node) is { } packed)
            return (node.OpType == "MatMulNBits" ? 1 : 0, packed.Meaning);
        if (node.Is("MatMulInteger") && Constant(graph, node.Input(1)) is { Type: DataType.Int8, Shape.Length: 2 } integers)
            return (1, integers);
        if (IsRecurrent(node) && Constant(graph, node.Input(1)) is { Shape.Length: 3 } weight && Constant(graph, node.Input(2)) is { Shape.Length: 3 })
            return (1, weight);
        // A table of embeddings; other operators look up sizes and indices with it.
        if (node.Is("Gather") && node.Int("axis") == 0 && Constant(graph, node.Input(0)) is { Shape.Length: 2 } table
            && (table.Type is DataType.Float or DataType.Int8 or DataType.Float16 or DataType.Bfloat16 || (table.Type == DataType.Uint8 && graph.Initializer(node.Input(0)) is null)))
        {
            return (0, table);
        }

        return null;
    }
}
