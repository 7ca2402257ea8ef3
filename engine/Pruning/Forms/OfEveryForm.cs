using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Pruning.Forms;

/// <summary>
/// Of every M consecutive weights along the input axis the N strongest stay (N:M sparsity, Mishra et al., Accelerating Sparse Deep Neural
/// Networks, 2021). Where the axis is no multiple of M, of the last few as many stay as there are, up to N.
/// </summary>
sealed class OfEveryForm(KeptOfEvery form) : IWeightForm
{
    public Refusal? Refuse(Layer layer) => null;

    public IReadOnlyList<bool[]> Choose(IReadOnlyList<PrunedLayer> layers, int seed) => [.. layers.Select(layer => Choose(layer, seed))];

    public (double Before, double After)? Refit(Model model, PrunedLayer layer, bool[] kept, CompressionContext context) =>
        MaskedRefit.Run(model, layer, kept, context);

    public WeightLanding Land(Model model, PrunedLayer layer, bool[] kept, CompressionContext context) => ZeroLanding.Land(model, layer);

    bool[] Choose(PrunedLayer layer, int seed)
    {
        var magnitudes = Magnitudes.OfRuns(layer, 1, seed);
        var kept = new bool[magnitudes.Length];
        var axis = InputAxis(layer.Layer);
        var shape = layer.Weight.Shape;
        var (length, stride) = (shape[axis], Cost.Count(shape.AsSpan(axis + 1)));
        for (var line = 0; line < magnitudes.Length / length; line++)
        {
            var start = (line / stride * stride * length) + (line % stride);
            for (var first = 0; first < length; first += form.Of)
            {
                var group = Enumerable.Range(first, Math.Min(form.Of, length - first)).Select(i => start + (i * stride));
                foreach (var index in group.OrderByDescending(index => magnitudes[index]).ThenBy(index => index).Take(form.Kept))
                    kept[index] = true;
            }
        }

        return kept;
    }

    /// <summary>The axis of a weight that the product sums over; of a convolution, that of input channels.</summary>
    static int InputAxis(Layer layer)
    {
        if (layer.Kernel.Length > 0)
            return 1;
        var rank = layer.Weight.Shape.Length;
        var isTransposed = layer.Node.Is("Gemm") && layer.Node.Int(layer.WeightInput == 0 ? "transA" : "transB") != 0;
        return isTransposed == (layer.WeightInput == 0) ? rank - 2 : rank - 1;
    }
}
