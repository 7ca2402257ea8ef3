using Compress.Layers;
using Compress.Models;
using Compress.Numerics;
using Compress.Policies;
using Compress.Regression;
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
        Graph graph, Layer layer, FactorizeSettings settings, SampledLayer? samples, CancellationToken cancellation)
    {
        var (rows, columns) = (layer.Weight.Shape[0], layer.Weight.Shape[1]);
        var svd = new Lazy<TruncatedSvd>(() => new TruncatedSvd(Matrix.Of(layer.Weight.Floats(), rows, columns)));
        var data = samples is null ? null : new Lazy<DataAwareSvd>(() => new DataAwareSvd(
            samples.Samples, DenseWeights.Read(graph, layer.Node), hasBias: layer.Node.Is("Gemm"), samples.Ridge));
        var plan = SvdRankPlanner.Plan(settings, rows, columns, () => svd.Value.SquaredSingularValues, data is null ? null : () => data.Value.Outputs.Energies);
        if (plan.Refusal is { } refusal)
            return refusal;
        return new Func<Factored>(() =>
        {
            var rank = plan.Result;
            var macs = layer.Macs / ((long)rows * columns) * rank * ((long)rows + columns);
            var (left, right) = svd.Value.Factors(rank);
            var plainError = svd.Value.RelativeError(rank);
            if (data is null)
                return new Factored($"rank {rank}", SvdLanding.Of(graph, layer, left, right), macs, plainError);

            // Rows of the stored weight are inputs, but for a Gemm that transposes it.
            var outputsFirst = SvdLanding.IsTransposed(layer);
            var plain = left.Times(right);
            var plainOutputError = data.Value.ErrorOf(WithBias(graph, layer.Node, outputsFirst ? plain : plain.Transposed()));
            var weights = data.Value.Outputs.Project(rank).Balanced();
            var error = data.Value.ErrorOf(weights.Whole());
            if (layer.Node.Is("Gemm"))
                DenseWeights.SetBias(graph, layer.Node, weights.Bias);
            return new Factored($"rank {rank}", outputsFirst
                ? SvdLanding.Of(graph, layer, weights.OutputFactor, weights.InputFactor)
                : SvdLanding.Of(graph, layer, weights.InputFactor.Transposed(), weights.OutputFactor.Transposed()), macs, plainError, error, plainOutputError);
        });
    }

    /// <summary>Outputs x (inputs + 1), with the layer's bias in the last column.</summary>
    static Matrix WithBias(Graph graph, Node node, Matrix weights)
    {
        var whole = DenseWeights.Read(graph, node);
        for (var o = 0; o < whole.Rows; o++)
            weights.Row(o).CopyTo(whole.Row(o));
        return whole;
    }
}
