using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Quantization.Repair;

/// <summary>
/// Cross-layer equalization (Nagel et al., "Data-free quantization through weight equalization and bias correction", ICCV 2019): channel i of
/// what one layer gives another is divided by s_i in the first and multiplied by it in the second, which changes nothing in float.
/// With one scale for a whole weight, s_i = √(r1_i / r2_i) brings the ranges of the weights on both sides together, r1_i = max|W1 row i|,
/// r2_i = max|W2 column i|. With a scale for each output channel the rows of W1 have a scale of their own whatever their range, and it is the
/// activations that share one: r1_i is then their range on calibration data, as in SmoothQuant (Xiao et al., ICML 2023); a depthwise
/// layer's columns have a scale of their own too, so that activations alone decide. Chains of layers, and with them the triples around a
/// depthwise one, are equalized pair by pair until nothing moves.
/// </summary>
/// <param name="pairs">The pairs and their s_i.</param>
sealed class Equalization(IReadOnlyList<(EqualizationPair Pair, double[] Scales)> pairs)
{
    const int MostRounds = 20;

    /// <summary>Factors nearer to 1 than this move nothing.</summary>
    const double Settled = 0.01;

    /// <summary>No channel is scaled by more, in either direction.</summary>
    const double MostScale = 1 << 10;

    public int Pairs => pairs.Count;

    /// <summary>Finds the scales for a model.</summary>
    /// <param name="model">The float model; not edited.</param>
    /// <param name="settings">The layers to be quantized with weights and activations, by their output.</param>
    /// <param name="context">Names the data.</param>
    /// <param name="step">The step's name for progress.</param>
    public static Equalization Of(Model model, IReadOnlyDictionary<string, QuantizeSettings> settings, CompressionContext context, string step)
    {
        var graph = model.Graph;
        var found = EqualizationPair.In(graph, settings.ContainsKey).ToList();
        if (found.Count == 0)
            return new Equalization([]);
        var activations = ChannelRanges.Measure(model, [.. found.Select(pair => pair.Activation)], context, step).ToDictionary();
        var clipped = found.ToDictionary(pair => pair, pair => Array.ConvertAll(activations[pair.Activation], range => range >= pair.High));
        var weights = found.SelectMany(pair => pair.Consumers.Append(pair.Producer)).Distinct()
            .ToDictionary(layer => layer, layer => new ChannelWeights(graph, graph.Producer(layer)!));
        var totals = found.ToDictionary(pair => pair, pair => Enumerable.Repeat(1.0, pair.Channels).ToArray());
        for (var (round, isMoving) = (0, true); isMoving && round < MostRounds; round++)
        {
            isMoving = false;
            foreach (var pair in found)
            {
                var factors = Factors(pair, weights, settings, activations[pair.Activation], clipped[pair], totals[pair]);
                isMoving |= factors.Any(factor => Math.Abs(Math.Log(factor)) > Settled);
                Scale(pair, factors, weights);
                for (var i = 0; i < factors.Length; i++)
                {
                    totals[pair][i] *= factors[i];
                    activations[pair.Activation][i] /= factors[i];
                }
            }
        }

        return new Equalization([.. found.Select(pair => (pair, totals[pair]))]);
    }

    /// <summary>Scales the weights of a model with the same layers.</summary>
    public void Apply(Graph graph)
    {
        var weights = pairs.SelectMany(entry => entry.Pair.Consumers.Append(entry.Pair.Producer)).Distinct()
            .ToDictionary(layer => layer, layer => new ChannelWeights(graph, graph.Producer(layer)!));
        foreach (var (pair, scales) in pairs)
        {
            Scale(pair, scales, weights);
            weights[pair.Producer].ScaleBias([.. scales.Select(scale => 1 / scale)]);
        }

        foreach (var weight in weights.Values)
            weight.Store();
    }

    static void Scale(EqualizationPair pair, double[] factors, Dictionary<string, ChannelWeights> weights)
    {
        weights[pair.Producer].ScaleOutputs([.. factors.Select(factor => 1 / factor)]);
        foreach (var consumer in pair.Consumers)
            weights[consumer].ScaleInputs(factors);
    }

    /// <summary>What brings the channels of one pair together, as things are.</summary>
    static double[] Factors(
        EqualizationPair pair, Dictionary<string, ChannelWeights> weights, IReadOnlyDictionary<string, QuantizeSettings> settings,
        double[] activations, bool[] clipped, double[] totals)
    {
        var isPerChannel = !settings.TryGetValue(pair.Producer, out var own) || own.PerChannel;
        var first = isPerChannel ? activations : weights[pair.Producer].OutputRanges(pair.Channels);
        var second = new double[pair.Channels];
        var isFree = true;
        foreach (var consumer in pair.Consumers)
        {
            isFree &= weights[consumer].IsDepthwise && (!settings.TryGetValue(consumer, out var asked) || asked.PerChannel);
            second = [.. second.Zip(weights[consumer].InputRanges(pair.Channels), Math.Max)];
        }

        var factors = new double[pair.Channels];
        for (var i = 0; i < factors.Length; i++)
            factors[i] = first[i] > 0 && second[i] > 0 ? isFree && isPerChannel ? first[i] : Math.Sqrt(first[i] / second[i]) : 0;
        // All channels together could as well be any other number of times as large.
        var mean = Math.Exp(factors.Where(factor => factor > 0).Select(factor => Math.Log(factor)).DefaultIfEmpty(0).Average());
        for (var i = 0; i < factors.Length; i++)
        {
            var factor = factors[i] > 0 && !clipped[i] ? factors[i] / mean : 1;
            // What a Clip lets through whole it must let through whole when it is scaled.
            if (float.IsFinite(pair.High))
                factor = clipped[i] ? 1 : Math.Max(factor, activations[i] / pair.High);
            factors[i] = Math.Clamp(totals[i] * factor, 1 / MostScale, MostScale) / totals[i];
        }

        return factors;
    }
}
