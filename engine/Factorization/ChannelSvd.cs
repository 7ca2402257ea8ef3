using Compress.Layers;
using Compress.Models;
using Compress.Numerics;
using Compress.Regression;

namespace Compress.Factorization;

/// <summary>
/// A convolution as the matrix C_out x (C_in·K_h·K_w): one with the layer's own kernel to r channels, then a 1x1 one (Denton et al. 2014;
/// Zhang et al. 2015). The groups of a grouped one are decomposed one by one.
/// </summary>
sealed class ChannelSvd : SvdForm
{
    readonly int outputs;
    readonly int columns;
    readonly Lazy<SvdStack> svd;
    readonly Lazy<DataAwareSvd>? data;

    public ChannelSvd(Graph graph, Layer layer, SampledLayer? samples)
        : base(graph, layer, samples)
    {
        outputs = layer.Weight.Shape[0] / layer.Groups;
        columns = Compress.Layers.Cost.Count(layer.Weight.Shape.AsSpan(1));
        svd = new(() => new SvdStack(Enumerable.Range(0, layer.Groups).Select(group =>
            Matrix.Of(layer.Weight.Floats().Slice(group * outputs * columns, outputs * columns), outputs, columns))));
        data = samples is null ? null : new(() => new DataAwareSvd(samples.Samples, DenseWeights.Read(graph, layer.Node), hasBias: true, samples.Ridge));
    }

    public override SvdCost Cost
    {
        get
        {
            var one = SvdCost.Dense(columns, outputs, Layer.Groups);
            var positions = ConvPositions.Of(Layer).Outputs;
            return one with { MaxText = "min(C_in·K, C_out)", Macs = one.Macs * positions, MacsOfRank = one.MacsOfRank * positions };
        }
    }

    public override int Longer => Math.Max(outputs, columns);

    public override double[] SquaredSingularValues => svd.Value.SquaredSingularValues;

    public override double[] Energies => data!.Value.Outputs.Energies;

    public override Factored At(int rank)
    {
        var factors = svd.Value.Factors(rank);
        var weightError = svd.Value.RelativeError(rank);
        if (data is null)
            return Result(rank, Land(rank, factors), weightError);
        var whole = DenseWeights.Read(Graph, Layer.Node);
        var plain = factors[0].Left.Times(factors[0].Right);
        for (var o = 0; o < outputs; o++)
            plain.Row(o).CopyTo(whole.Row(o));
        var plainError = data.Value.ErrorOf(whole);
        var weights = data.Value.Outputs.Project(rank).Balanced();
        var error = data.Value.ErrorOf(weights.Whole());
        DenseWeights.SetBias(Graph, Layer.Node, weights.Bias);
        return Result(rank, Land(rank, [(weights.OutputFactor, weights.InputFactor)]), weightError, error, plainError);
    }

    Replacement Land(int rank, IReadOnlyList<(Matrix Left, Matrix Right)> groups) => new ConvChain(Graph, Layer)
        .Whole("svd_in", [.. groups.SelectMany(group => group.Right.ToFloats())], rank * groups.Count)
        .Pointwise("svd_out", [.. groups.SelectMany(group => group.Left.ToFloats())], outputs * groups.Count, groups.Count)
        .Finish();
}
