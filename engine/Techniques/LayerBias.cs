using Compress.Layers;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Techniques;

/// <summary>Corrects the biases of layers.</summary>
static class LayerBias
{
    /// <summary>Whether a layer has a bias that can be shifted, or can get one.</summary>
    public static bool CanShift(Graph graph, Node node, int channels)
    {
        if (!node.Is("Conv", "Gemm") || (node.Is("Gemm") && node.Float("beta", 1) != 1))
            return false;
        return node.Input(2).Length == 0
            || (graph.Initializer(node.Input(2)) is { Type: DataType.Float } bias && LayerCatalog.IsBias(bias, channels));
    }

    /// <summary>Adds to a layer's bias; a layer without one gets one.</summary>
    /// <param name="graph">The graph that the layer is part of.</param>
    /// <param name="node">A layer that <see cref="CanShift"/> accepts.</param>
    /// <param name="shift">One number for each output channel.</param>
    public static void Shift(Graph graph, Node node, ReadOnlySpan<double> shift)
    {
        var bias = graph.Initializer(node.Input(2));
        var values = new float[shift.Length];
        bias?.Floats().CopyTo(values);
        for (var i = 0; i < values.Length; i++)
            values[i] += (float)shift[i];
        graph.SetConstant(node, 2, Tensor.Of<float>(bias?.Name ?? node.Input(1) + ".bias", values, bias?.Shape ?? [values.Length]));
    }
}
