using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Pruning.Forms;

/// <summary>
/// Sets the weakest pieces of weights to zero: single weights (Han et al., Learning both Weights and Connections, NIPS 2015), rows of kernels,
/// or whole kernels (Mao et al., Exploring the Granularity of Sparsity, CVPR-W 2017).
/// </summary>
sealed class ZeroForm(ZeroShare share) : IWeightForm
{
    public Refusal? Refuse(Layer layer) => share.Unit == WeightUnit.Weight || layer.Kernel.Length > 0
        ? null
        : Refusal.CannotApply($"it has no kernels, of which '{share.Unit.ToString().ToLowerInvariant()}s' are made; 'weights' prunes any layer");

    public IReadOnlyList<bool[]> Choose(IReadOnlyList<PrunedLayer> layers, int seed)
    {
        var magnitudes = layers.Select(layer => Magnitudes.OfRuns(layer, RunLength(layer.Layer), seed)).ToList();
        if (layers.Count > 0 && layers[0].Settings.Scope == PruneScope.Global)
        {
            foreach (var (values, layer) in magnitudes.Zip(layers))
                Normalize(values, layer.Settings.By);
            Cut([.. magnitudes]);
        }
        else
        {
            foreach (var values in magnitudes)
                Cut(values);
        }

        return [.. magnitudes.Zip(layers, (values, layer) => Spread(values, RunLength(layer.Layer)))];
    }

    public (double Before, double After)? Refit(Model model, PrunedLayer layer, bool[] kept, CompressionContext context) =>
        MaskedRefit.Run(model, layer, kept, context);

    public WeightLanding Land(Model model, PrunedLayer layer, bool[] kept, CompressionContext context) => ZeroLanding.Land(model, layer);

    int RunLength(Layer layer) => share.Unit switch
    {
        WeightUnit.Weight => 1,
        WeightUnit.Vector => layer.Kernel[^1],
        _ => Cost.Count(layer.Kernel),
    };

    /// <summary>Layers with large weights must not outlast the others: magnitudes are taken relative to the layer's mean, or root mean square.</summary>
    static void Normalize(float[] values, PruneCriterion by)
    {
        if (by == PruneCriterion.Random || values.Length == 0)
            return;
        var scale = by == PruneCriterion.L2 ? Math.Sqrt(values.Average(value => (double)value * value)) : values.Average(value => (double)value);
        if (scale > 0)
        {
            for (var i = 0; i < values.Length; i++)
                values[i] = (float)(values[i] / scale);
        }
    }

    /// <summary>Marks the share of least values with a negative number. Of equal values the first ones go, so that the number is exact.</summary>
    void Cut(params float[][] parts)
    {
        var sorted = new float[parts.Sum(part => part.Length)];
        var next = 0;
        foreach (var part in parts)
        {
            part.CopyTo(sorted, next);
            next += part.Length;
        }

        var removed = (int)Math.Floor((sorted.Length * share.Value) + 1e-9);
        if (removed == 0)
            return;
        Array.Sort(sorted);
        var threshold = sorted[removed - 1];
        var equal = removed - Below(sorted, threshold);
        foreach (var part in parts)
        {
            for (var i = 0; i < part.Length; i++)
            {
                if (part[i] < threshold || (part[i] == threshold && equal-- > 0))
                    part[i] = -1;
            }
        }
    }

    static int Below(float[] sorted, float threshold)
    {
        var index = Array.BinarySearch(sorted, threshold);
        while (index > 0 && sorted[index - 1] == threshold)
            index--;
        return index;
    }

    static bool[] Spread(float[] magnitudes, int length)
    {
        var kept = new bool[magnitudes.Length * length];
        for (var i = 0; i < kept.Length; i++)
            kept[i] = magnitudes[i / length] >= 0;
        return kept;
    }
}
