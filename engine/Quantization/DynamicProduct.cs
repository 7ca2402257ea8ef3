using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization;

/// <summary>
/// Writes MatMul and Gemm with a constant weight as products of integers: DynamicQuantizeLinear → MatMulInteger → Cast → Mul by the scales of
/// both sides → Add of the bias. ONNX Runtime fuses these into one kernel when it loads the model.
/// </summary>
/// <param name="quantizers">Shared with other layers of the model.</param>
sealed class DynamicProduct(RunTimeQuantizers quantizers)
{
    readonly Dictionary<(Tensor Weight, int Axis, bool PerChannel, int Most, float Alpha), Stored> stored = [];

    sealed record Stored(string Values, string Scales, double? Error);

    /// <summary>Puts the integer form in a layer's place; its output keeps its name. Layers come in the graph's order.</summary>
    /// <param name="graph">The graph that the layer is part of.</param>
    /// <param name="layer">MatMul or Gemm, for which <see cref="DynamicObstacles"/> found none.</param>
    /// <param name="settings">What is asked.</param>
    /// <returns>The node that multiplies, and the relative error of the weight, null where it is all zeros.</returns>
    public (Node Product, double? WeightError) Apply(Graph graph, Node layer, QuantizeSettings settings)
    {
        var output = layer.Output();
        var weight = Integers(graph, layer, settings);
        var input = quantizers.Of(graph, layer.Input(0), layer);
        var product = Node.Create("MatMulInteger", layer.Name, [input.Output(), weight.Values, input.Output(2)], [graph.Fresh(output + "_int32")]);
        var cast = Node.Create("Cast", graph.Fresh(output + "/Cast"), [product.Output()], [graph.Fresh(output + "_float")]).With("to", (long)DataType.Float);
        var scales = Node.Create("Mul", graph.Fresh(output + "/Scales"), [input.Output(1), weight.Scales], [graph.Fresh(output + "_scales")]);
        var bias = Bias(graph, layer);
        var scaled = Node.Create("Mul", graph.Fresh(output + "/Scale"), [cast.Output(), scales.Output()], [bias is null ? output : graph.Fresh(output + "_scaled")]);
        Node[] nodes = [product, cast, scales, scaled];
        graph.Replace(layer, bias is null ? nodes : [.. nodes, Node.Create("Add", graph.Fresh(output + "/Add"), [scaled.Output(), bias], [output])]);
        return (product, weight.Error);
    }

    /// <summary>The weight as [inputs, outputs] in int8, with its scales times alpha; kept beside the float weight, where all see it that see that.</summary>
    Stored Integers(Graph graph, Node layer, QuantizeSettings settings)
    {
        var weight = graph.Initializer(layer.Input(1))!;
        var axis = LayerCatalog.OutputAxis(layer);
        var key = (weight, axis, settings.PerChannel, Most: WeightQuantizer.MostFor(settings.TargetCpu), Alpha: layer.Float("alpha", 1));
        if (stored.TryGetValue(key, out var known))
            return known;
        var home = graph.HomeOf(weight.Name)!;
        var quantized = WeightQuantizer.Quantize(weight, axis, bias: [], inputScale: 1, settings.PerChannel, key.Most);
        var error = WeightQuantizer.ErrorOf(weight, axis, quantized);
        weight.Release();
        int[] shape = [weight.Shape[1 - axis], weight.Shape[axis]];
        var values = axis == 0 ? Int8Transpose.Of(quantized.Values, shape[1], shape[0]) : quantized.Values;
        var scales = Array.ConvertAll(quantized.Scales, scale => scale * key.Alpha);
        known = new Stored(
            home.Add(Tensor.Of<sbyte>(home.Fresh(weight.Name + "_q"), values, shape)),
            home.Add(Tensor.Of<float>(home.Fresh(weight.Name + "_scale"), scales, settings.PerChannel ? [scales.Length] : [])),
            double.IsFinite(error.Relative) ? error.Relative : null);
        stored.Add(key, known);
        return known;
    }

    /// <summary>The tensor to add, times beta; null where there is none.</summary>
    static string? Bias(Graph graph, Node layer)
    {
        var (bias, beta) = (layer.Input(2), layer.Float("beta", 1));
        if (bias.Length == 0 || beta == 0)
            return null;
        if (beta == 1)
            return bias;
        var factor = graph.Add(Tensor.Scalar(graph.Fresh(layer.Output() + "_beta"), beta));
        var product = Node.Create("Mul", graph.Fresh(layer.Output() + "/Beta"), [bias, factor], [graph.Fresh(layer.Output() + "_bias")]);
        graph.InsertBefore(layer, product);
        return product.Output();
    }
}
