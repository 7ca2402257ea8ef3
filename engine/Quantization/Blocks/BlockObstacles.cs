using Compress.Layers;
using Compress.Models;
using Compress.Policies;

namespace Compress.Quantization.Blocks;

/// <summary>What keeps a layer's weight from being stored in 4 bits.</summary>
static class BlockObstacles
{
    public static string? Of(Graph graph, Node node, QuantizeSettings settings)
    {
        if (graph.Owner is { } owner)
            return $"it stands in a body of {owner}";
        if (node.Is("Conv", "ConvTranspose"))
            return "ONNX Runtime would unpack the weight of a convolution in every run; 'quantize: { as: int8, activations: none }' stores it in 8 bits";
        if (node.Is("MatMulInteger") || node.IsDynamicLstm || PackedWeights.Of(graph, node) is not null)
            return "it is quantized already";
        if (!node.Is("MatMul", "Gemm", "Gather"))
            return $"only MatMul, Gemm and Gather take weights of 4 bits, and this is {node.OpType}";
        if (QuantizationObstacles.OfWeight(graph, node) is { } obstacle)
            return obstacle;
        if (node.Is("Gemm") && (node.Int("transA") != 0 || node.Float("alpha", 1) != 1 || node.Float("beta", 1) != 1))
            return "ONNX Runtime's kernel takes no alpha, beta or transposed input";
        var weight = graph.Initializer(node.Input(node.Is("Gather") ? 0 : 1))!;
        if (weight.Shape.Length != 2)
            return "its weight is no matrix";
        var length = node.Is("Gather") ? weight.Shape[1] : weight.Shape[1 - LayerCatalog.OutputAxis(node)];
        return length % settings.Block == 0 ? null : $"its {length} inputs do not fall into blocks of {settings.Block}; {Legal(length)}";
    }

    static string Legal(int length)
    {
        int[] legal = [.. BlockSizes.All.Where(size => length % size == 0)];
        return legal.Length == 0 ? "no size of blocks does" : $"blocks of {string.Join(", ", legal)} would";
    }
}
