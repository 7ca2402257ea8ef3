using Compress.Layers;
using Compress.Models;
using Compress.Numerics;
using Compress.Regression;

namespace Compress.Factorization;

/// <summary>A Gemm or MatMul: two products in the place of one. The batch of a MatMul is decomposed matrix by matrix.</summary>
sealed class DenseSvd : SvdForm
{
    readonly int rows;
    readonly int columns;
    readonly Lazy<SvdStack> svd;
    readonly Lazy<DataAwareSvd>? data;

    public DenseSvd(Graph graph, Layer layer, SampledLayer? samples)
        : base(graph, layer, samples)
    {
        (rows, columns) = (layer.Weight.Shape[^2], layer.Weight.Shape[^1]);
        svd = new(() => new SvdStack(Enumerable.Range(0, Batch).Select(i => Matrix.Of(layer.Weight.Floats().Slice(i * rows * columns, rows * columns), rows, columns))));
        data = samples is null ? null : new(() => new DataAwareSvd(
            samples.Samples, DenseWeights.Read(graph, layer.Node), hasBias: layer.Node.Is("Gemm"), samples.Ridge));
    }

    /// <summary>For one sample, which takes as many rows as the measured cost says.</summary>
    public override SvdCost Cost
    {
        get
        {
            var one = SvdCost.Dense(rows, columns, Batch);
            var times = Layer.Macs is { } macs ? Math.Max(1, macs / one.Macs) : 1;
            return one with { Macs = one.Macs * times, MacsOfRank = one.MacsOfRank * times };
        }
    }

    public override int Longer => Math.Max(rows, columns);

    public override double[] SquaredSingularValues => svd.Value.SquaredSingularValues;

    public override double[] Energies => data!.Value.Outputs.Energies;

    int Batch => (int)(Layer.Weight.Count / ((long)rows * columns));

    public override Factored At(int rank)
    {
        var factors = svd.Value.Factors(rank);
        var weightError = svd.Value.RelativeError(rank);
        if (data is null)
            return Result(rank, SvdLanding.Of(Graph, Layer, factors), weightError);

        // Rows of the stored weight are inputs, but for a Gemm that transposes it.
        var outputsFirst = SvdLanding.IsTransposed(Layer);
        var plain = factors[0].Left.Times(factors[0].Right);
        var plainError = data.Value.ErrorOf(WithBias(outputsFirst ? plain : plain.Transposed()));
        var weights = data.Value.Outputs.Project(rank).Balanced();
        var error = data.Value.ErrorOf(weights.Whole());
        if (Layer.Node.Is("Gemm"))
            DenseWeights.SetBias(Graph, Layer.Node, weights.Bias);
        var found = outputsFirst
            ? (weights.OutputFactor, weights.InputFactor)
            : (weights.InputFactor.Transposed(), weights.OutputFactor.Transposed());
        return Result(rank, SvdLanding.Of(Graph, Layer, [found]), weightError, error, plainError);
    }

    /// <summary>Outputs x (inputs + 1), with the layer's bias in the last column.</summary>
    Matrix WithBias(Matrix weights)
    {
        var whole = DenseWeights.Read(Graph, Layer.Node);
        for (var o = 0; o < whole.Rows; o++)
            weights.Row(o).CopyTo(whole.Row(o));
        return whole;
    }
}
