using Compress.Numerics;
using DenseMatrix = MathNet.Numerics.LinearAlgebra.Double.DenseMatrix;

namespace Compress.Pruning;

/// <summary>
/// Least squares with a quadratic penalty (Hoerl and Kennard 1970): the Δ that minimises ‖Y − X·Δ‖² + λ·‖Δ‖². It is solved in
/// the smaller space: Δ = (XᵀX + λI)⁻¹XᵀY, or Δ = Xᵀ(XXᵀ + λI)⁻¹Y where there are fewer rows than columns.
/// </summary>
sealed class RidgeRegression
{
    readonly Matrix gram;
    readonly Matrix right;

    /// <summary>Xᵀ where the problem is solved in the space of rows; null otherwise.</summary>
    readonly Matrix? back;

    public RidgeRegression(LayerSamples samples)
    {
        if (samples.Rows < samples.Columns)
        {
            var parts = samples.Parts().ToList();
            var inputs = Stack(parts.ConvertAll(part => part.X), samples.Rows, samples.Columns);
            right = Stack(parts.ConvertAll(part => part.Y), samples.Rows, samples.Outputs);
            gram = MatrixProduct.Gram(inputs);
            back = inputs.Transposed();
        }
        else
        {
            gram = new Matrix(samples.Columns, samples.Columns);
            right = new Matrix(samples.Columns, samples.Outputs);
            foreach (var (x, y) in samples.Parts())
            {
                var transposed = x.Transposed();
                gram.Add(MatrixProduct.Gram(transposed));
                right.Add(MatrixProduct.TimesTransposed(transposed, y.Transposed()));
            }
        }

        MeanSquare = Enumerable.Range(0, gram.Rows).Average(i => gram[i, i]);
    }

    /// <summary>The mean of the Gram matrix's diagonal: the natural unit of λ.</summary>
    public double MeanSquare { get; }

    /// <summary>The minimiser, columns x outputs.</summary>
    /// <param name="lambda">The penalty; greater than zero.</param>
    /// <returns>Null where the numbers allow no solution, as after an overflow.</returns>
    public Matrix? Solve(double lambda)
    {
        // MathNet stores columns; a symmetric matrix reads the same either way.
        var system = new DenseMatrix(gram.Rows, gram.Rows, (double[])gram.Values.Clone());
        for (var i = 0; i < gram.Rows; i++)
            system[i, i] += lambda;
        try
        {
            var columns = (DenseMatrix)system.Cholesky().Solve(new DenseMatrix(right.Rows, right.Columns, right.Transposed().Values));
            var solution = new Matrix(right.Columns, right.Rows, columns.Values).Transposed();
            return back is null ? solution : back.Times(solution);
        }
        catch (ArgumentException)
        {
            // MathNet's word for a matrix that is not positive definite.
            return null;
        }
    }

    static Matrix Stack(List<Matrix> parts, int rows, int columns) => new(rows, columns, [.. parts.SelectMany(part => part.Values)]);
}
