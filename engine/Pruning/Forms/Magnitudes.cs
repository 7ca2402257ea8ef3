using Compress.Layers;
using Compress.Policies;

namespace Compress.Pruning.Forms;

/// <summary>How much runs of consecutive weights, or kernel positions, weigh.</summary>
static class Magnitudes
{
    /// <summary>Σ|w| or √Σw² of each run of weights, or a random number.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="length">Weights in a run.</param>
    /// <param name="seed">Of the run; each layer draws numbers of its own.</param>
    public static float[] OfRuns(PrunedLayer layer, int length, int seed)
    {
        var weights = layer.Weight.Floats();
        var magnitudes = new float[weights.Length / length];
        if (layer.Settings.By == PruneCriterion.Random)
            return Random(magnitudes, layer, seed);
        for (var run = 0; run < magnitudes.Length; run++)
        {
            var sum = 0.0;
            foreach (var weight in weights.Slice(run * length, length))
                sum += Power(weight, layer.Settings.By);
            magnitudes[run] = (float)(layer.Settings.By == PruneCriterion.L2 ? Math.Sqrt(sum) : sum);
        }

        return magnitudes;
    }

    /// <summary>Σ|w| or Σw² over all kernels at each of their positions, or a random number.</summary>
    public static double[] OfPositions(PrunedLayer layer, int seed)
    {
        var weights = layer.Weight.Floats();
        var positions = Cost.Count(layer.Layer.Kernel);
        if (layer.Settings.By == PruneCriterion.Random)
            return Array.ConvertAll(Random(new float[positions], layer, seed), value => (double)value);
        var sums = new double[positions];
        for (var i = 0; i < weights.Length; i++)
            sums[i % positions] += Power(weights[i], layer.Settings.By);
        return sums;
    }

    static double Power(float weight, PruneCriterion by) => by == PruneCriterion.L2 ? (double)weight * weight : Math.Abs((double)weight);

    static float[] Random(float[] values, PrunedLayer layer, int seed)
    {
        var random = new Random(unchecked((seed * 31) + layer.Layer.Index));
        for (var i = 0; i < values.Length; i++)
            values[i] = random.NextSingle();
        return values;
    }
}
