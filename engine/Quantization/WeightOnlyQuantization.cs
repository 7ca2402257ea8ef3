using Compress.Layers;
using Compress.Models;
using Compress.Policies;

namespace Compress.Quantization;

/// <summary>
/// Stores weights in int8 behind a DequantizeLinear and leaves all arithmetic in float. It treats one weight after another and looks at
/// no data, so that it does the same in the bodies of If, Loop and Scan. The rows of a table are looked up as integers and dequantized after, so that the table is never in memory as floats.
/// </summary>
sealed class WeightOnlyQuantization(QuantizationOperators operators)
{
    readonly Dictionary<(Tensor Weight, int Axis, bool PerChannel), Stored> stored = [];

    /// <summary>The floats that bodies read, by the integers that they come from.</summary>
    readonly Dictionary<Stored, string> captured = [];

    sealed record Stored(string Values, string Scale, string ZeroPoint, double Error);

    /// <summary>Quantizes the weight of a layer. Layers that share a weight share what takes its place.</summary>
    /// <param name="graph">The graph that the layer is part of.</param>
    /// <param name="node">The layer.</param>
    /// <param name="settings">What is asked.</param>
    /// <returns>The relative error of the weight, ‖difference‖ / ‖weight‖.</returns>
    public double Apply(Graph graph, Node node, QuantizeSettings settings)
    {
        var input = node.Is("Gather") ? 0 : 1;
        var axis = LayerCatalog.OutputAxis(node);
        var weight = graph.Initializer(node.Input(input))!;
        var key = (weight, axis, settings.PerChannel);
        if (!stored.TryGetValue(key, out var parts))
            stored.Add(key, parts = Store(graph.HomeOf(weight.Name)!, weight, axis, settings.PerChannel));
        if (node.Is("Gather"))
            DequantizeRows(graph, node, parts, settings.PerChannel);
        else
            DequantizeWeight(graph, node, parts, weight, settings.PerChannel ? axis : null);
        return parts.Error;
    }

    /// <summary>Puts the integers beside the weight, where all see them that see it.</summary>
    static Stored Store(Graph graph, Tensor weight, int axis, bool perChannel)
    {
        var quantized = WeightQuantizer.Quantize(weight, axis, bias: [], inputScale: 1, perChannel);
        var error = WeightQuantizer.ErrorOf(weight, axis, quantized);
        weight.Release();
        int[] scaleShape = perChannel ? [quantized.Scales.Length] : [];
        return new Stored(
            graph.Add(Tensor.Of<sbyte>(graph.Fresh(weight.Name + "_q"), quantized.Values, weight.Shape)),
            graph.Add(Tensor.Of<float>(graph.Fresh(weight.Name + "_scale"), quantized.Scales, scaleShape)),
            graph.Add(Tensor.Of<sbyte>(graph.Fresh(weight.Name + "_zero_point"), new sbyte[quantized.Scales.Length], scaleShape)),
            error.Reference > 0 ? error.Relative : 0);
    }

    void DequantizeWeight(Graph graph, Node node, Stored parts, Tensor weight, int? axis)
    {
        var home = graph.HomeOf(weight.Name)!;
        if (!captured.TryGetValue(parts, out var dequantized) || home == graph)
        {
            var dequantize = operators.Dequantize(graph, weight.Name + "/DQ", parts.Values, parts.Scale, parts.ZeroPoint, graph.Fresh(weight.Name + "_dq"), axis);
            dequantized = dequantize.Output();
            if (home == graph)
            {
                graph.InsertBefore(node, dequantize);
            }
            else
            {
                // ONNX Runtime does not load a body whose DequantizeLinear reads a captured constant; here it also runs once for all turns of a loop.
                home.InsertFirst(dequantize);
                captured.Add(parts, dequantized);
            }
        }

        graph.SetInput(node, 1, dequantized);
    }

    void DequantizeRows(Graph graph, Node gather, Stored parts, bool perChannel)
    {
        var rows = gather.Output();
        graph.SetInput(gather, 0, parts.Values);
        graph.SetOutput(gather, 0, graph.Fresh(rows + "_q"));
        var dequantize = operators.Dequantize(graph, rows + "/DQ", gather.Output(), parts.Scale, parts.ZeroPoint, rows, perChannel ? -1 : null);
        graph.InsertAfter(gather, dequantize);
    }
}
