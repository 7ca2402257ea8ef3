using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Pruning.Forms;

/// <summary>Outer rows and columns of every kernel go: of all windows of the wanted sizes, the one with the strongest weights stays.</summary>
sealed class CropForm(KernelCrop form) : IWeightForm
{
    public Refusal? Refuse(Layer layer)
    {
        if (PositionForms.Refuse(layer) is { } refusal)
            return refusal;
        var (kernel, sizes) = (layer.Kernel, form.Sizes);
        var shown = string.Join('x', kernel);
        if (sizes.Count != kernel.Length)
            return Refusal.OutOfRange($"'kernel' has {sizes.Count} sizes, and the layer's kernel, {shown}, has {kernel.Length}; narrow the rule with 'match: {{ kernel: … }}'");
        if (sizes.Zip(kernel).Any(pair => pair.First > pair.Second))
            return Refusal.OutOfRange($"'kernel' is {string.Join('x', sizes)}, and the layer's kernel is {shown}; no size may be larger than that");
        return null;
    }

    public IReadOnlyList<bool[]> Choose(IReadOnlyList<PrunedLayer> layers, int seed) => [.. layers.Select(layer =>
    {
        var kernel = layer.Layer.Kernel;
        var magnitudes = Magnitudes.OfPositions(layer, seed);
        var best = Windows(kernel).MaxBy(window => window.Positions(kernel).Sum(position => magnitudes[position]))!;
        return PositionForms.Mask(layer.Weight, best.Positions(kernel));
    })];

    public (double Before, double After)? Refit(Model model, PrunedLayer layer, bool[] kept, CompressionContext context) =>
        PositionRefit.Run(model, layer, PositionForms.Positions(layer.Layer, kept), context);

    public WeightLanding Land(Model model, PrunedLayer layer, bool[] kept, CompressionContext context)
    {
        var kernel = layer.Layer.Kernel;
        var window = KernelLattice.Box(PositionForms.Positions(layer.Layer, kept), kernel);
        var landing = new WindowLanding(window, ConvGeometry.Of(layer.Layer, model.Graph)!);
        var ranges = window.Start.Zip(window.Size, (start, size) => size == 1 ? $"{start}" : $"{start}-{start + size - 1}");
        return new WeightLanding(
            landing.Land(model.Graph, layer.Layer.Node, model.Graph.Initializer(layer.Layer.Node.Input(1))!),
            $"{string.Join(" x ", ranges)} of {string.Join('x', kernel)}");
    }

    /// <summary>Every place of the wanted sizes within a kernel; the most central ones first, which win where several weigh the same.</summary>
    IEnumerable<KernelLattice> Windows(int[] kernel)
    {
        int[] size = [.. form.Sizes];
        int[] places = [.. kernel.Zip(size, (whole, part) => whole - part + 1)];
        int[] step = [.. kernel.Select(_ => 1)];
        return Enumerable.Range(0, Cost.Count(places))
            .Select(index => KernelLattice.Coordinates(index, places))
            .OrderBy(start => start.Zip(places, (at, count) => Math.Abs((2 * at) - (count - 1))).Sum())
            .Select(start => new KernelLattice(start, step, size));
    }
}
