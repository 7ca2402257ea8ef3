using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Techniques;

namespace Compress.Quantization.Repair;

/// <summary>
/// Empirical bias correction (Nagel et al., ICCV 2019): rounding weights and clipping activations shifts the mean of a layer's outputs, and
/// the layer's bias takes the shift back, b += E[y] − E[ŷ]. Layers come in the graph's order, and ŷ is what the quantized model gives with
/// all earlier layers corrected. Means are over samples and positions.
/// </summary>
static class BiasShifts
{
    /// <summary>With fewer samples, the mean would be that of the samples and not of the data.</summary>
    public const int LeastSamples = 16;

    const int MostSamples = 256;

    /// <summary>Finds what to add to the biases of the layers that are quantized with their activations.</summary>
    /// <param name="forms">Writes the model in any form.</param>
    /// <param name="precisions">The precision of each layer, by its output.</param>
    /// <param name="context">Names the data.</param>
    /// <param name="step">The step's name for progress.</param>
    /// <returns>For each layer that can be corrected, what to add for each output channel.</returns>
    public static IReadOnlyDictionary<string, double[]> Measure(
        QuantizedForms forms, IReadOnlyDictionary<string, LayerPrecision> precisions, CompressionContext context, string step)
    {
        var shifts = new Dictionary<string, double[]>();
        if (context.Calibration!.Count < LeastSamples)
            return shifts;
        var nodes = new Dictionary<string, Node>();
        using var candidate = forms.Build(precisions, nodes);
        var layers = LayersOf(forms.Float.Graph, precisions);
        if (layers.Count == 0)
            return shifts;
        var (expected, batches) = FloatMeans(forms.Float, layers, context, step);

        // Behind each layer something is added that is not known yet; it comes after what is measured of the layer.
        var corrections = layers.ToDictionary(layer => layer.Key, layer => Correctable(candidate.Graph, nodes[layer.Key], layer.Channels));
        using var run = new StagedRun(
            candidate, [.. layers.Select(layer => (IReadOnlyList<string>)[nodes[layer.Key].Output()])], context.Calibration, batches, context.Threads);
        for (var i = 0; i < layers.Count; i++)
        {
            context.Report(step, (double)i / layers.Count);
            var (key, channels) = layers[i];
            var means = new ChannelMeans(channels);
            var output = nodes[key].Output();
            run.Compute(i, (_, tensors) => means.Add(tensors.Floats(output), [.. tensors.Values[output].GetTensorTypeAndShape().Shape.Select(size => (int)size)]), context.Cancellation);
            var shift = means.Values.Zip(expected[key].Values, (found, wanted) => wanted - found).ToArray();
            if (!shift.All(double.IsFinite))
                continue;
            shifts.Add(key, shift);
            var shape = new int[nodes[key].Is("Conv") ? forms.Float.Graph.Initializer(forms.Float.Graph.Producer(key)!.Input(1))!.Shape.Length : 2];
            Array.Fill(shape, 1);
            shape[1] = channels;
            candidate.Graph.SetConstant(corrections[key], 1, Tensor.Of<float>(corrections[key].Input(1), Array.ConvertAll(shift, value => (float)value), shape));
        }

        return shifts;
    }

    static List<(string Key, int Channels)> LayersOf(Graph graph, IReadOnlyDictionary<string, LayerPrecision> precisions) =>
    [
        .. from node in graph.Nodes
           where precisions.GetValueOrDefault(node.Output(), LayerPrecision.Float) == LayerPrecision.Integer && node.Is("Conv", "Gemm")
           let channels = graph.Initializer(node.Input(1))!.Shape[LayerCatalog.OutputAxis(node)]
           where LayerBias.CanShift(graph, node, channels)
           select (node.Output(), channels),
    ];

    static (Dictionary<string, ChannelMeans> Means, IReadOnlyList<(int Start, int Count)> Batches) FloatMeans(
        Model model, List<(string Key, int Channels)> layers, CompressionContext context, string step)
    {
        var tensors = layers.Select(layer => layer.Key).ToList();
        var loop = new BatchLoop(context.Threads);
        using var session = TensorTap.Open(model, tensors, loop.ThreadsWithin);
        var data = context.Calibration!;
        var batches = SampleBatches.Spread(data.Count, MostSamples, context.BatchFor(session, model, tensors));
        var means = layers.ToDictionary(layer => layer.Key, layer => new ChannelMeans(layer.Channels));
        loop.Run(data, batches, (_, batch) =>
        {
            using var result = session.Run(batch, context.Cancellation);
            foreach (var tensor in tensors)
            {
                lock (means[tensor])
                    means[tensor].Add(result.Floats(tensor), result.Shape(tensor)!);
            }
        }, share => context.Report(step, share), context.Cancellation);
        return (means, batches);
    }

    static Node Correctable(Graph graph, Node layer, int channels)
    {
        var output = layer.Output();
        var zero = graph.Add(Tensor.Of<float>(graph.Fresh(output + "_shift"), new float[channels], channels));
        var shifted = graph.Fresh(output + "_shifted");
        graph.ReplaceUses(output, shifted);
        var add = Node.Create("Add", graph.Fresh(output + "/shift"), [output, zero], [shifted]);
        graph.InsertAfter(layer, add);
        return add;
    }

    /// <summary>The mean of each channel, with channels along the second axis.</summary>
    sealed class ChannelMeans(int channels)
    {
        readonly double[] sums = new double[channels];
        long each;

        public IEnumerable<double> Values => sums.Select(sum => sum / each);

        public void Add(ReadOnlySpan<float> values, int[] shape)
        {
            var inner = Cost.Count(shape.AsSpan(2));
            for (var start = 0; start < values.Length; start += inner)
            {
                var sum = 0.0;
                foreach (var value in values.Slice(start, inner))
                    sum += value;
                sums[start / inner % channels] += sum;
            }

            each += values.Length / channels;
        }
    }
}
