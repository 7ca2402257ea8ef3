using Compress.Layers;
using Compress.Models;
using Compress.Numerics;

namespace Compress.Factorization;

/// <summary>
/// A convolution as the matrix C_out x (C_in·K_h·K_w): one with the layer's own kernel to r channels, then a 1x1 one (Denton et al. 2014;
/// Zhang et al. 2015). The groups of a grouped one are decomposed one by one.
/// </summary>
sealed class ChannelSvd(Graph graph, Layer layer, SampledLayer? samples)
    : MatrixSvd(graph, layer, samples, layer.Weight.Shape[0] / layer.Groups, Compress.Layers.Cost.Count(layer.Weight.Shape.AsSpan(1)))
{
    public override SvdCost Cost
    {
        get
        {
            var one = SvdCost.Dense(Columns, Rows, Count);
            var positions = ConvPositions.Of(Layer).Outputs;
            return one with { MaxText = "min(C_in·K, C_out)", Macs = one.Macs * positions, MacsOfRank = one.MacsOfRank * positions };
        }
    }

    protected override bool OutputsFirst => true;

    protected override Replacement Land(IReadOnlyList<(Matrix Left, Matrix Right)> factors) => new ConvChain(Graph, Layer)
        .Whole("svd_in", [.. factors.SelectMany(group => group.Right.ToFloats())], factors[0].Right.Rows * factors.Count)
        .Pointwise("svd_out", [.. factors.SelectMany(group => group.Left.ToFloats())], Rows * factors.Count, factors.Count)
        .Finish();
}
