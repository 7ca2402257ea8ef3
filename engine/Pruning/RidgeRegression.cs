using Compress.Execution;
using Double = MathNet.Numerics.LinearAlgebra.Double;

namespace Compress.Pruning;

/// <summary>
/// Least squares with a quadratic penalty (Hoerl and Kennard 1970): the Δ that minimises ‖R − X·Δ‖² + λ·‖Δ‖². It is solved in
/// the smaller space: Δ = (XᵀX + λI)⁻¹XᵀR, or Δ = Xᵀ(XXᵀ + λI)⁻¹R where there are fewer rows than columns.
/// </summary>
public sealed class RidgeRegression
{
    readonly float[] x;
    readonly int rows;
    readonly MatrixProduct product;
    readonly bool dual;
    readonly Double.DenseMatrix gram;
    readonly Double.DenseMatrix right;

    /// <param name="x">The design matrix, rows · columns numbers.</param>
    /// <param name="rows">Rows of both matrices.</param>
    /// <param name="columns">Columns of <paramref name="x"/>.</param>
    /// <param name="r">What is to be explained, rows · outputs numbers.</param>
    /// <param name="product">Does the large products.</param>
    public RidgeRegression(float[] x, int rows, int columns, float[] r, MatrixProduct product)
    {
        (this.x, this.rows, this.product) = (x, rows, product);
        dual = rows < columns;
        gram = ToDouble(product.Of(x, rows, x, rows, transposeA: !dual, transposeB: dual), dual ? rows : columns);
        right = dual ? ToDouble(r, rows) : ToDouble(product.Of(x, rows, r, rows, transposeA: true), columns);
        MeanSquare = gram.Diagonal().Average();
    }

    /// <summary>The mean of the Gram matrix's diagonal: the natural unit of λ.</summary>
    public double MeanSquare { get; }

    /// <summary>The minimiser.</summary>
    /// <param name="lambda">The penalty; greater than zero.</param>
    /// <returns>columns · outputs numbers, row by row; null where the numbers allow no solution.</returns>
    public float[]? Solve(double lambda)
    {
        try
        {
            var system = (Double.DenseMatrix)gram.Clone();
            for (var i = 0; i < system.RowCount; i++)
                system[i, i] += lambda;
            var solution = system.Cholesky().Solve(right);
            var values = ToSingle(solution);
            return dual ? product.Of(x, rows, values, rows, transposeA: true) : values;
        }
        catch (ArgumentException)
        {
            // MathNet's word for a matrix that is not positive definite, as after an overflow.
            return null;
        }
    }

    /// <summary>‖R − X·Δ‖², the squared error of a solution on other rows.</summary>
    public static double SquaredError(float[] x, int rows, float[] r, float[] delta, int columns, MatrixProduct product)
    {
        var fitted = product.Of(x, rows, delta, columns);
        var sum = 0.0;
        for (var i = 0; i < r.Length; i++)
            sum += ((double)r[i] - fitted[i]) * ((double)r[i] - fitted[i]);
        return sum;
    }

    static Double.DenseMatrix ToDouble(float[] values, int rows)
    {
        var columns = values.Length / rows;
        return Double.DenseMatrix.Create(rows, columns, (i, j) => values[(i * columns) + j]);
    }

    static float[] ToSingle(MathNet.Numerics.LinearAlgebra.Matrix<double> matrix)
    {
        var values = new float[matrix.RowCount * matrix.ColumnCount];
        for (var i = 0; i < matrix.RowCount; i++)
        {
            for (var j = 0; j < matrix.ColumnCount; j++)
                values[(i * matrix.ColumnCount) + j] = (float)matrix[i, j];
        }

        return values;
    }
}
