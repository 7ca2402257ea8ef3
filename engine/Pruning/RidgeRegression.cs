using Compress.Numerics;

namespace Compress.Pruning;

/// <summary>
/// Least squares with a quadratic penalty (Hoerl and Kennard 1970): the Δ, outputs x columns, that minimises ‖Y − X·Δᵀ‖² + λ·‖Δ‖². It is
/// solved in the smaller space: Δ = YᵀX·(XᵀX + λI)⁻¹, or Δ = Yᵀ(XXᵀ + λI)⁻¹·X where there are fewer rows than columns.
/// </summary>
sealed class RidgeRegression
{
    const int RowsInPart = 1024;

    /// <summary>The Gram matrix above its diagonal; below it, the factor of the last solution.</summary>
    readonly Matrix gram;
    readonly double[] diagonal;
    readonly Matrix right;

    /// <summary>Xᵀ where the problem is solved in the space of rows.</summary>
    readonly FloatMatrix? back;

    public RidgeRegression(SampleRows samples)
    {
        var size = Math.Min(samples.Rows, samples.X.Columns);
        gram = new Matrix(size, size);
        if (samples.Rows < samples.X.Columns)
        {
            FloatProduct.AddTimesTransposed(samples.X, samples.X, gram, lowerTriangleOnly: true);
            var outputs = samples.Y.Transposed();
            right = Matrix.Of(outputs.Values.Span, outputs.Rows, outputs.Columns);
            back = samples.X.Transposed();
        }
        else
        {
            right = new Matrix(samples.Y.Columns, size);
            Accumulate(samples);
        }

        diagonal = new double[size];
        KeepGram(samples);
    }

    /// <summary>The mean of the Gram matrix's diagonal, the bias apart: the natural unit of λ.</summary>
    public double MeanSquare { get; private set; }

    /// <summary>Takes more rows into account, if the problem is solved in the space of columns: the products of the first are kept.</summary>
    /// <returns>False where it is solved in the space of rows.</returns>
    public bool TryAdd(SampleRows more)
    {
        if (back is not null)
            return false;
        RestoreGram(lambda: 0);
        Accumulate(more);
        KeepGram(more);
        return true;
    }

    /// <summary>The minimiser, outputs x columns.</summary>
    /// <param name="lambda">The penalty; greater than zero.</param>
    /// <returns>Null where the numbers allow no solution, as after an overflow.</returns>
    public Matrix? Solve(double lambda)
    {
        RestoreGram(lambda);
        if (!Cholesky.Factor(gram))
            return null;
        var solution = new Matrix(right.Rows, right.Columns, (double[])right.Values.Clone());
        Cholesky.Solve(gram, solution);
        if (back is not { } columns)
            return solution;
        var correction = new Matrix(right.Rows, columns.Rows);
        FloatProduct.AddTimesTransposed(new FloatMatrix(solution.Rows, solution.Columns, solution.ToFloats()), columns, correction);
        return correction;
    }

    void Accumulate(SampleRows samples)
    {
        var buffer = new float[Math.Min(RowsInPart, samples.Rows) * gram.Rows];
        foreach (var part in samples.Parts(RowsInPart))
        {
            var inputs = part.X.Transposed(buffer);
            FloatProduct.AddTimesTransposed(inputs, inputs, gram, lowerTriangleOnly: true);
            FloatProduct.AddTimesTransposed(part.Y.Transposed(), inputs, right);
        }
    }

    /// <summary>Copies the Gram matrix out of the lower triangle, which solutions overwrite.</summary>
    void KeepGram(SampleRows added)
    {
        for (var i = 0; i < diagonal.Length; i++)
            diagonal[i] = gram[i, i];
        gram.MirrorLower();
        MeanSquare += added.InputSquares / diagonal.Length;
    }

    void RestoreGram(double lambda)
    {
        gram.MirrorUpper();
        for (var i = 0; i < diagonal.Length; i++)
            gram.Row(i)[i] = diagonal[i] + lambda;
    }
}
