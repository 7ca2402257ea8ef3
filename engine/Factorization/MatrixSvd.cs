using Compress.Layers;
using Compress.Models;
using Compress.Numerics;
using Compress.Regression;

namespace Compress.Factorization;

/// <summary>
/// A weight that is a matrix as it is stored, or several of one size, one after another. With data, its rank is chosen by the outputs
/// that a reduced-rank regression gives.
/// </summary>
abstract class MatrixSvd : SvdForm
{
    readonly Lazy<SvdStack> svd;
    readonly Lazy<DataAwareSvd>? data;

    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="samples">Its samples; null where it is not to look at data, or cannot.</param>
    /// <param name="rows">Rows of each matrix.</param>
    /// <param name="columns">Columns of each matrix.</param>
    protected MatrixSvd(Graph graph, Layer layer, SampledLayer? samples, int rows, int columns)
        : base(graph, layer, samples)
    {
        (Rows, Columns) = (rows, columns);
        svd = new(() => new SvdStack(Enumerable.Range(0, Count).Select(i =>
            Matrix.Of(layer.Weight.Floats().Slice(i * rows * columns, rows * columns), rows, columns))));
        data = samples is null ? null : new(() => new DataAwareSvd(samples.Samples, DenseWeights.Read(graph, layer.Node), TakesBias, samples.Ridge));
    }

    public sealed override int Longer => Math.Max(Rows, Columns);

    public sealed override double[] SquaredSingularValues => svd.Value.SquaredSingularValues;

    public sealed override double[] Energies => data!.Value.Outputs.Energies;

    protected int Rows { get; }

    protected int Columns { get; }

    /// <summary>The number of matrices; one where there are samples.</summary>
    protected int Count => (int)(Layer.Weight.Count / ((long)Rows * Columns));

    /// <summary>Whether rows of the stored weight are outputs.</summary>
    protected abstract bool OutputsFirst { get; }

    bool TakesBias => !Layer.Node.Is("MatMul");

    public sealed override Factored At(int rank)
    {
        var factors = svd.Value.Factors(rank);
        var weightError = svd.Value.RelativeError(rank);
        if (data is null)
            return Result(rank, Land(factors), weightError);

        var plain = factors[0].Left.Times(factors[0].Right);
        var plainError = data.Value.ErrorOf(WithBias(OutputsFirst ? plain : plain.Transposed()));
        var weights = data.Value.Outputs.Project(rank).Balanced();
        var error = data.Value.ErrorOf(weights.Whole());
        if (TakesBias)
            DenseWeights.SetBias(Graph, Layer.Node, weights.Bias);
        var found = OutputsFirst
            ? (weights.OutputFactor, weights.InputFactor)
            : (weights.InputFactor.Transposed(), weights.OutputFactor.Transposed());
        return Result(rank, Land([found]), weightError, error, plainError);
    }

    /// <summary>Puts L and R of each matrix in the layer's place.</summary>
    protected abstract Replacement Land(IReadOnlyList<(Matrix Left, Matrix Right)> factors);

    /// <summary>Outputs x (inputs + 1), with the layer's bias in the last column.</summary>
    Matrix WithBias(Matrix weights)
    {
        var whole = DenseWeights.Read(Graph, Layer.Node);
        for (var o = 0; o < whole.Rows; o++)
            weights.Row(o).CopyTo(whole.Row(o));
        return whole;
    }
}
