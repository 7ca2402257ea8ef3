using Compress.Models;
using Compress.Policies;

namespace Compress.Quantization;

/// <summary>
/// Stores weights in int8 behind a DequantizeLinear and leaves all arithmetic in float. It treats one weight after another and looks at
/// no data. The rows of a table are looked up as integers and dequantized after, so that the table is never in memory as floats.
/// </summary>
sealed class WeightOnlyQuantization(Graph graph, QuantizationOperators operators)
{
    readonly Dictionary<(string Weight, int Axis, bool PerChannel), Stored> stored = [];

    sealed record Stored(string Values, string Scale, string ZeroPoint, double Error);

    /// <summary>Quantizes the weight of a layer. Layers that share a weight share what takes its place.</summary>
    /// <returns>The relative error of the weight, ‖difference‖ / ‖weight‖.</returns>
    public double Apply(Node node, QuantizeSettings settings)
    {
        var input = node.Is("Gather") ? 0 : 1;
        var axis = AxisOf(node);
        var weight = graph.Initializer(node.Input(input))!;
        var key = (weight.Name, axis, settings.PerChannel);
        if (!stored.TryGetValue(key, out var parts))
            stored.Add(key, parts = Store(weight, axis, settings.PerChannel));
        if (node.Is("Gather"))
            DequantizeRows(node, parts, settings.PerChannel);
        else
            DequantizeWeight(node, parts, weight.Name, settings.PerChannel ? axis : null);
        return parts.Error;
    }

    /// <summary>The axis of output channels: for a table, that of its columns.</summary>
    static int AxisOf(Node node) => node.Is("Conv") || (node.Is("Gemm") && node.Int("transB") != 0) ? 0 : 1;

    Stored Store(Tensor weight, int axis, bool perChannel)
    {
        var quantized = WeightQuantizer.Quantize(weight, axis, bias: [], inputScale: 1, perChannel);
        var error = Error(weight, axis, quantized);
        weight.Release();
        int[] scaleShape = perChannel ? [quantized.Scales.Length] : [];
        return new Stored(
            graph.Add(Tensor.Of<sbyte>(graph.Fresh(weight.Name + "_q"), quantized.Values, weight.Shape)),
            graph.Add(Tensor.Of<float>(graph.Fresh(weight.Name + "_scale"), quantized.Scales, scaleShape)),
            graph.Add(Tensor.Of<sbyte>(graph.Fresh(weight.Name + "_zero_point"), new sbyte[quantized.Scales.Length], scaleShape)),
            error);
    }

    void DequantizeWeight(Node node, Stored parts, string weight, int? axis)
    {
        var dequantize = operators.Dequantize(weight + "/DQ", parts.Values, parts.Scale, parts.ZeroPoint, graph.Fresh(weight + "_dq"), axis);
        graph.InsertBefore(node, dequantize);
        graph.SetInput(node, 1, dequantize.Output());
    }

    void DequantizeRows(Node gather, Stored parts, bool perChannel)
    {
        var rows = gather.Output();
        graph.SetInput(gather, 0, parts.Values);
        graph.SetOutput(gather, 0, graph.Fresh(rows + "_q"));
        var dequantize = operators.Dequantize(rows + "/DQ", gather.Output(), parts.Scale, parts.ZeroPoint, rows, perChannel ? -1 : null);
        graph.InsertAfter(gather, dequantize);
    }

    static double Error(Tensor weight, int axis, QuantizedWeight quantized)
    {
        var values = weight.Floats();
        var shape = weight.Shape;
        var inner = 1;
        for (var i = axis + 1; i < shape.Length; i++)
            inner *= shape[i];
        double difference = 0, reference = 0;
        for (var start = 0; start < values.Length;)
        {
            for (var channel = 0; channel < shape[axis]; channel++)
            {
                var scale = quantized.Scales[quantized.Scales.Length > 1 ? channel : 0];
                for (var end = start + inner; start < end; start++)
                {
                    var d = (double)values[start] - (scale * quantized.Values[start]);
                    difference += d * d;
                    reference += (double)values[start] * values[start];
                }
            }
        }

        return reference > 0 ? Math.Sqrt(difference / reference) : 0;
    }
}
