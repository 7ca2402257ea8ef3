using Compress.Layers;
using Compress.Models;
using Compress.Numerics;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Factorization;

/// <summary>
/// The truncated singular value decomposition of a dense layer, Gemm or MatMul with a constant matrix: two products of rank r
/// in the place of one (Eckart and Young 1936).
/// </summary>
public sealed class SvdFactorization : LowRankTechnique
{
    public override string Kind => "svd";

    /// <summary>The first factor of a Gemm has no bias, which opset 11 allows.</summary>
    public override int NeededOpset(ModelPlan plan) => plan.Layers.Any(layer => layer.Svd is not null && layer.Layer.Node.Is("Gemm")) ? 11 : 1;

    private protected override Planned<FactorizeSettings>? Asked(LayerPlan plan) => plan.Svd;

    private protected override Refusal? RefuseForm(Layer layer)
    {
        if (!layer.Node.Is("Gemm", "MatMul"))
            return Refusal.CannotApply($"svd treats Gemm and MatMul, and this is {layer.Op}");
        return layer.Weight.Shape.Length != 2
            ? Refusal.CannotApply($"its weight [{string.Join(",", layer.Weight.Shape)}] is a batch of matrices; only one matrix is factorized")
            : null;
    }

    private protected override Attempt<Func<Factored>> PlanWeight(
        Graph graph, Layer layer, FactorizeSettings settings, CancellationToken cancellation)
    {
        var (rows, columns) = (layer.Weight.Shape[0], layer.Weight.Shape[1]);
        var svd = new Lazy<TruncatedSvd>(() => new TruncatedSvd(Matrix.Of(layer.Weight.Floats(), rows, columns)));
        var plan = SvdRankPlanner.Plan(settings, rows, columns, () => svd.Value.SquaredSingularValues);
        if (plan.Refusal is { } refusal)
            return refusal;
        return new Func<Factored>(() =>
        {
            var rank = plan.Result;
            var (left, right) = svd.Value.Factors(rank);
            var positions = layer.Macs / ((long)rows * columns);
            return new Factored($"rank {rank}", SvdLanding.Of(graph, layer, left, right),
                positions * rank * ((long)rows + columns), svd.Value.RelativeError(rank));
        });
    }
}
