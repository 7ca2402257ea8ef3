using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization;

/// <summary>What keeps a layer from being quantized.</summary>
static class QuantizationObstacles
{
    /// <summary>Why a layer whose weight can be stored in int8 cannot compute in int8; null where it can.</summary>
    public static string? OfActivations(Graph graph, Node node)
    {
        if (graph.Owner is { } owner)
            return $"it stands in a body of {owner}, where activations are not measured";
        if (node.Is("Gather"))
            return "ONNX Runtime has no int8 kernel for Gather";
        if (QuantizerPlacement.Origin(graph, node.Input(0)) is var origin && graph.Initializer(origin) is not null)
            return "its input is constant";
        if (graph.Producer(origin) is { IsDequantizer: true })
            return "its input is quantized already";
        if (node.Is("Gemm") && (node.Float("alpha", 1) != 1 || node.Float("beta", 1) != 1 || node.Int("transA") != 0))
            return "int8 kernels take no alpha, beta or transposed input";
        var weight = graph.Initializer(node.Input(1))!;
        return node.Input(2).Length > 0 && (graph.Initializer(node.Input(2)) is not { Type: DataType.Float } bias || !LayerCatalog.IsBias(bias, weight.Shape[LayerCatalog.OutputAxis(node)]))
            ? "its bias is not one constant for each output channel"
            : null;
    }

    /// <summary>
    /// Whether a layer decodes what the layers before it have found, as those do that turn the distribution over a box's sides into numbers: it reads
    /// what Softmax gives, and no layer comes after it. Its few products are not worth the eighth bit.
    /// </summary>
    public static bool Decodes(Graph graph, Node node)
    {
        if (graph.Producer(QuantizerPlacement.Origin(graph, node.Input(0))) is not { } before || !before.Is("Softmax"))
            return false;
        var (open, seen) = (new Stack<string>([.. node.Outputs]), new HashSet<Node>());
        while (open.TryPop(out var tensor))
        {
            foreach (var reader in graph.Consumers(tensor).Where(seen.Add))
            {
                if (reader.Is("Conv", "ConvTranspose", "Gemm", "MatMul") || LayerCatalog.IsRecurrent(reader))
                    return false;
                foreach (var output in reader.Outputs.Where(name => name.Length > 0))
                    open.Push(output);
            }
        }

        return true;
    }

    /// <summary>Why the weight cannot be stored in int8, whatever becomes of the activations.</summary>
    public static string? OfWeight(Graph graph, Node node)
    {
        if (node.Is("MatMulInteger") || node.IsDynamicLstm)
            return "it is quantized already";
        if (node.Is("LSTM"))
            return "ONNX Runtime has no static int8 kernel for LSTM; 'quantize: dynamic' takes it";
        if (!node.Is("Conv", "Gemm", "MatMul", "Gather"))
            return $"ONNX Runtime has no int8 kernel for {node.OpType}";
        var input = node.Is("Gather") ? 0 : 1;
        if (graph.Initializer(node.Input(input)) is not { } weight)
            return LayerCatalog.Constant(graph, node.Input(input)) is null ? "its weight is on the left side" : "it is quantized already";
        return node.Is("MatMul") && weight.Shape.Length != 2 && weight.Count > 0 ? "its weight is a batch of matrices" : OfNumbers(weight);
    }

    /// <summary>Why the numbers of a weight cannot be stored in int8.</summary>
    public static string? OfNumbers(Tensor weight)
    {
        if (weight.Count == 0)
            return "its weight is empty";
        if (weight.Type != DataType.Float)
            return weight.Type == DataType.Int8 ? "it is quantized already" : $"its weight is {weight.Type.ToString().ToLowerInvariant()}, not float32";
        var isFinite = !weight.Floats().ContainsAnyExceptInRange(float.MinValue, float.MaxValue);
        weight.Release();
        return isFinite ? null : "its weight holds values that are not finite";
    }
}
