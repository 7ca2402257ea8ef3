using Compress.Layers;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization;

/// <summary>What keeps a layer from being quantized dynamically.</summary>
static class DynamicObstacles
{
    /// <summary>Why a layer stays as it is; null where it can be treated.</summary>
    public static string? Of(Graph graph, Node node)
    {
        if (node.Is("Conv"))
            return "ONNX Runtime's ConvInteger is slower than its float Conv; 'quantize: int8' is for convolutions";
        if (node.Is("LSTM"))
            return OfRecurrentWeight(graph, node.Input(1)) ?? OfRecurrentWeight(graph, node.Input(2)) ?? (node.Int("layout") == 0 ? null : "ONNX Runtime's DynamicQuantizeLSTM takes steps first, not the batch ('layout: 1')");
        if (!node.Is("MatMul", "Gemm", "Gather"))
            return node.Is("MatMulInteger") || node.IsDynamicLstm ? "it is quantized already" : $"ONNX Runtime has no dynamic int8 kernel for {node.OpType}";
        if (QuantizationObstacles.OfWeight(graph, node) is { } reason)
            return reason;
        return node.Is("Gemm") && node.Int("transA") != 0 ? "integer kernels take no transposed input" : null;
    }

    static string? OfRecurrentWeight(Graph graph, string name)
    {
        if (graph.Initializer(name) is not { } weight)
            return LayerCatalog.Constant(graph, name) is null ? "its weights are computed" : "it is quantized already";
        return QuantizationObstacles.OfNumbers(weight);
    }
}
