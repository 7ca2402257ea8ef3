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
            var buffer = new float[Math.Min(RowsInPart, samples.Rows) * size];
            foreach (var part in samples.Parts(RowsInPart))
            {
                var inputs = part.X.Transposed(buffer);
                FloatProduct.AddTimesTransposed(inputs, inputs, gram, lowerTriangleOnly: true);
                FloatProduct.AddTimesTransposed(part.Y.Transposed(), inputs, right);
            }
        }

        diagonal = [.. Enumerable.Range(0, size).Select(i => gram[i, i])];
        gram.MirrorLower();
        MeanSquare = samples.InputSquares / size;
    }

    /// <summary>The mean of the Gram matrix's diagonal, the bias apart: the natural unit of λ.</summary>
    public double MeanSquare { get; }

    /// <summary>The minimiser, outputs x columns.</summary>
    /// <param name="lambda">The penalty; greater than zero.</param>
    /// <returns>Null where the numbers allow no solution, as after an overflow.</returns>
    public Matrix? Solve(double lambda)
    {
        gram.MirrorUpper();
        for (var i = 0; i < diagonal.Length; i++)
            gram.Row(i)[i] = diagonal[i] + lambda;
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
}
