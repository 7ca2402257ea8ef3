using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Quantization;

/// <summary>
/// Writes LSTM as ONNX Runtime's own DynamicQuantizeLSTM: both weights in int8, transposed to [directions, inputs, 4·hidden]; the input
/// and the state are quantized in every step.
/// </summary>
static class DynamicLstm
{
    /// <summary>Inputs of LSTM behind X, W and R that the quantized one takes as they are: bias, lengths, initial states, peepholes.</summary>
    const int FirstKept = 3;
    const int LastKept = 7;

    /// <summary>Puts the integer form in a layer's place; its outputs keep their names.</summary>
    /// <param name="graph">The graph that the layer is part of.</param>
    /// <param name="layer">An LSTM for which <see cref="DynamicObstacles"/> found none.</param>
    /// <param name="settings">What is asked.</param>
    /// <returns>The node, and the relative error of both weights together, null where they are all zeros.</returns>
    public static (Node Lstm, double? WeightError) Apply(Graph graph, Node layer, QuantizeSettings settings)
    {
        var (weight, weightError) = Integers(graph, layer.Input(1), settings);
        var (recurrence, recurrenceError) = Integers(graph, layer.Input(2), settings);
        string[] kept = [.. Enumerable.Range(FirstKept, LastKept - FirstKept + 1).Select(layer.Input)];
        var lstm = Node.Create("DynamicQuantizeLSTM", layer.Name,
            [layer.Input(0), weight.Values, recurrence.Values, .. kept, weight.Scales, weight.ZeroPoints, recurrence.Scales, recurrence.ZeroPoints],
            layer.Outputs, Node.RuntimeDomain).WithAttributesOf(layer, "layout");
        graph.Replace(layer, lstm);
        var error = (weightError + recurrenceError).Relative;
        return (lstm, double.IsFinite(error) ? error : null);
    }

    /// <summary>A weight [directions, 4·hidden, inputs] in int8, with a scale for each direction and gate's row, or for each direction.</summary>
    static ((string Values, string Scales, string ZeroPoints) Names, SquaredError Error) Integers(Graph graph, string name, QuantizeSettings settings)
    {
        var (home, weight) = (graph.HomeOf(name)!, graph.Initializer(name)!);
        var (directions, rows, columns) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        var values = new sbyte[weight.Count];
        var scales = new List<float>();
        var error = default(SquaredError);
        for (var direction = 0; direction < directions; direction++)
        {
            var start = direction * rows * columns;
            var matrix = Tensor.Of<float>(name, weight.Floats().Slice(start, rows * columns), rows, columns);
            var quantized = WeightQuantizer.Quantize(matrix, axis: 0, bias: [], inputScale: 1, settings.PerChannel, WeightQuantizer.MostFor(settings.TargetCpu));
            error += WeightQuantizer.ErrorOf(matrix, axis: 0, quantized);
            scales.AddRange(quantized.Scales);
            Int8Transpose.Of(quantized.Values, rows, columns).CopyTo(values, start);
        }

        int[] scaleShape = settings.PerChannel ? [directions, rows] : [directions];
        var names = (
            home.Add(Tensor.Of<sbyte>(home.Fresh(name + "_q"), values, directions, columns, rows)),
            home.Add(Tensor.Of<float>(home.Fresh(name + "_scale"), [.. scales], scaleShape)),
            home.Add(Tensor.Of<sbyte>(home.Fresh(name + "_zero_point"), new sbyte[scales.Count], scaleShape)));
        return (names, error);
    }
}
