using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Pruning.Forms;

/// <summary>
/// The strongest positions of the kernel stay, the same ones in every kernel of the layer, which is then one kernel of an arbitrary shape
/// (group-level pruning: Lebedev and Lempitsky, Fast ConvNets Using Group-wise Brain Damage, CVPR 2016). What computes it is chosen by
/// time: see <see cref="LandingRace"/>.
/// </summary>
sealed class PatternForm(KernelPattern form) : IWeightForm
{
    public Refusal? Refuse(Layer layer)
    {
        if (PositionForms.Refuse(layer) is { } refusal)
            return refusal;
        var positions = Cost.Count(layer.Kernel);
        return form.Positions > positions
            ? Refusal.OutOfRange($"'pattern' is {form.Positions}; a {string.Join('x', layer.Kernel)} kernel has {positions} positions")
            : null;
    }

    public IReadOnlyList<bool[]> Choose(IReadOnlyList<PrunedLayer> layers, int seed) => [.. layers.Select(layer =>
    {
        var magnitudes = Magnitudes.OfPositions(layer, seed);
        return PositionForms.Mask(layer.Weight, Strongest(magnitudes));
    })];

    public (double Before, double After)? Refit(Model model, PrunedLayer layer, bool[] kept, CompressionContext context) =>
        PositionRefit.Run(model, layer, PositionForms.Positions(layer.Layer, kept), context);

    public WeightLanding Land(Model model, PrunedLayer layer, bool[] kept, CompressionContext context)
    {
        var positions = PositionForms.Positions(layer.Layer, kept);
        var weight = model.Graph.Initializer(layer.Layer.Node.Input(1))!;
        var (landing, how) = LandingRace.Run(model, layer.Layer, weight, Landings(layer.Layer, model.Graph, weight, positions), context);
        var shown = string.Concat(positions.Select(position => $"({string.Join(',', KernelLattice.Coordinates(position, layer.Layer.Kernel))})"));
        return new WeightLanding(landing.Land(model.Graph, layer.Layer.Node, weight), $"{shown} as {landing.Name}, {how}");
    }

    /// <summary>Of equal positions the first ones stay, so that the choice never depends on the sort.</summary>
    int[] Strongest(double[] magnitudes) =>
        [.. Enumerable.Range(0, magnitudes.Length).OrderByDescending(position => magnitudes[position]).ThenBy(position => position).Take(form.Positions).Order()];

    /// <summary>The candidates, the masked kernel first, which always is one.</summary>
    static IEnumerable<ILanding> Landings(Layer layer, Graph graph, Tensor weight, int[] positions)
    {
        yield return new MaskedLanding();
        if (ConvGeometry.Of(layer, graph) is not { } geometry)
            yield break;
        var box = KernelLattice.Box(positions, layer.Kernel);
        if (!box.Size.SequenceEqual(layer.Kernel))
            yield return new WindowLanding(box, geometry);
        var coarsest = KernelLattice.Coarsest(positions, layer.Kernel);
        if (coarsest.IsDilated)
            yield return new WindowLanding(coarsest, geometry);
        if (SeparableLanding.Of(weight, geometry) is { } separable)
            yield return separable;
        if (layer.Groups == 1)
            yield return new GatherLanding(positions, geometry);
    }
}
