using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Factorization;

/// <summary>
/// The truncated singular value decomposition of a layer with a constant matrix, Gemm, MatMul or Conv: two products of rank r
/// in the place of one (Eckart and Young 1936).
/// </summary>
public sealed class SvdFactorization : LowRankTechnique
{
    public override string Kind => "svd";

    /// <summary>The first factor of a Gemm has no bias, which opset 11 allows.</summary>
    public override int NeededOpset(ModelPlan plan) => plan.Layers.Any(layer => layer.Svd is not null && layer.Layer.Node.Is("Gemm")) ? 11 : 1;

    internal override Planned<FactorizeSettings>? Asked(LayerPlan plan) => plan.Svd;

    private protected override Refusal? RefuseForm(Layer layer)
    {
        if (!layer.Node.Is("Gemm", "MatMul", "Conv"))
            return Refusal.CannotApply($"svd treats Gemm, MatMul and Conv, and this is {layer.Op}");
        return layer.IsDepthwise ? Refusal.CannotApply("it is a depthwise convolution: each channel has a kernel of its own, and there is nothing to share") : null;
    }

    internal override IEnumerable<RankOption> Options(Graph graph, Layer layer, FactorizeSettings settings, SampledLayer? samples)
    {
        if (Unfit(layer, settings) is not null)
            return [];
        var form = SvdForm.Of(graph, layer, settings.Axis ?? SvdAxis.Channel, samples);
        var errors = Spectra.Tails(samples is null ? form.SquaredSingularValues : form.Energies);
        return [.. RankPlanner.Candidates(settings, form.Cost.MaxRank).Where(form.Cost.Saves)
            .Select(rank => new RankOption([rank], form.Cost.MacsAfter(rank), form.Cost.WeightsAfter(rank), errors[rank]))];
    }

    private protected override Attempt<Func<Factored>> PlanWeight(
        Graph graph, Layer layer, FactorizeSettings settings, SampledLayer? samples, CancellationToken cancellation)
    {
        if (Unfit(layer, settings) is { } unfit)
            return unfit;
        var form = SvdForm.Of(graph, layer, settings.Axis ?? SvdAxis.Channel, samples);
        var plan = SvdRankPlanner.Plan(settings, form.Cost, () => SvdRankPlanner.Least(
            settings, () => form.SquaredSingularValues, samples is null ? null : () => form.Energies, form.Longer));
        return plan.Refusal is { } refusal ? refusal : new Func<Factored>(() => form.At(plan.Result));
    }

    static Refusal? Unfit(Layer layer, FactorizeSettings settings) => settings.Axis == SvdAxis.Spatial && layer.Node.Is("Conv") && layer.Kernel.Length != 2
        ? Refusal.CannotApply($"'axis: spatial' takes kernels over two axes, and this one has {layer.Kernel.Length}")
        : null;
}
