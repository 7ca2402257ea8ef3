using Compress.Layers;
using Compress.Models;
using Compress.Numerics;

namespace Compress.Factorization;

/// <summary>A Gemm or MatMul: two products in the place of one. The batch of a MatMul is decomposed matrix by matrix.</summary>
sealed class DenseSvd(Graph graph, Layer layer, SampledLayer? samples) : MatrixSvd(graph, layer, samples, layer.Weight.Shape[^2], layer.Weight.Shape[^1])
{
    /// <summary>For one sample, which takes as many rows as the measured cost says.</summary>
    public override SvdCost Cost
    {
        get
        {
            var one = SvdCost.Dense(Rows, Columns, Count);
            var times = Layer.Macs is { } macs ? Math.Max(1, macs / one.Macs) : 1;
            return one with { Macs = one.Macs * times, MacsOfRank = one.MacsOfRank * times };
        }
    }

    /// <summary>Rows of the stored weight are inputs, but for a Gemm that transposes it.</summary>
    protected override bool OutputsFirst => SvdLanding.IsTransposed(Layer);

    protected override Replacement Land(IReadOnlyList<(Matrix Left, Matrix Right)> factors) => SvdLanding.Of(Graph, Layer, factors);
}
