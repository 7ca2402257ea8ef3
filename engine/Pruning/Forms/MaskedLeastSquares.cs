using System.Numerics.Tensors;
using Compress.Numerics;
using Compress.Regression;

namespace Compress.Pruning.Forms;

/// <summary>
/// Least squares with a quadratic penalty in which some unknowns are zero: the Δ that minimises ‖Y − X·Δ‖² + λ·‖Δ‖² and is zero where the mask
/// is. Conjugate gradients (Hestenes and Stiefel 1952) on the normal equations, each output in its own subspace and all at once, scaled by
/// the diagonal of XᵀX + λI.
/// </summary>
sealed class MaskedLeastSquares
{
    /// <summary>What a few more would gain, the penalty takes back.</summary>
    const int Steps = 12;

    /// <summary>Of the squared residual, relative to the first one.</summary>
    const double Tolerance = 1e-8;

    const int RowsInPart = 1024;

    readonly Matrix mask;
    readonly Matrix right;
    readonly double[] diagonal;

    /// <summary>XᵀX, or null where X is the smaller of the two.</summary>
    readonly FloatMatrix? gram;
    readonly FloatMatrix? rows;
    readonly FloatMatrix? columns;

    /// <param name="samples">Rows of X with those of Y.</param>
    /// <param name="mask">Ones and zeros, outputs x columns of X.</param>
    public MaskedLeastSquares(SampleRows samples, Matrix mask)
    {
        this.mask = mask;
        var size = samples.X.Columns;
        right = new Matrix(samples.Y.Columns, size);
        diagonal = new double[size];
        var products = new FloatMatrix(right.Rows, size);
        if (samples.Rows < size / 2)
        {
            rows = samples.X;
            columns = samples.X.Transposed();
        }
        else
        {
            gram = new FloatMatrix(size, size);
        }

        var buffer = new float[Math.Min(RowsInPart, samples.Rows) * size];
        foreach (var part in samples.Parts(RowsInPart))
        {
            var transposed = part.X.Transposed(buffer);
            if (gram is { } sum)
                FloatProduct.AddTimesTransposed(transposed, transposed, sum, lowerTriangleOnly: true);
            FloatProduct.AddTimesTransposed(part.Y.Transposed(), transposed, products);
            for (var column = 0; column < diagonal.Length; column++)
                diagonal[column] += TensorPrimitives.SumOfSquares<float>(transposed.Row(column));
        }

        gram?.MirrorLower();
        right.Add(products);
        TensorPrimitives.Multiply(right.Values, mask.Values, right.Values);
        MeanSquare = diagonal.Average();
    }

    /// <summary>The mean of the diagonal of XᵀX: the natural unit of λ.</summary>
    public double MeanSquare { get; }

    /// <summary>The minimiser as far as the steps go, outputs x columns of X.</summary>
    /// <param name="lambda">The penalty; greater than zero.</param>
    public Matrix Solve(double lambda)
    {
        var solution = new Matrix(right.Rows, right.Columns);
        var residual = new Matrix(right.Rows, right.Columns, [.. right.Values]);
        var scaled = Scaled(residual, lambda);
        var direction = new Matrix(right.Rows, right.Columns, [.. scaled.Values]);
        var products = RowProducts(residual, scaled);
        var first = products.Sum();
        for (var step = 0; step < Steps && products.Sum() > Tolerance * first; step++)
        {
            var image = Normal(direction, lambda);
            var curvature = RowProducts(direction, image);
            for (var output = 0; output < right.Rows; output++)
            {
                var length = curvature[output] > 0 ? products[output] / curvature[output] : 0;
                TensorPrimitives.MultiplyAdd(direction.Row(output), length, solution.Row(output), solution.Row(output));
                TensorPrimitives.MultiplyAdd(image.Row(output), -length, residual.Row(output), residual.Row(output));
            }

            scaled = Scaled(residual, lambda);
            var next = RowProducts(residual, scaled);
            for (var output = 0; output < right.Rows; output++)
            {
                var turn = products[output] > 0 ? next[output] / products[output] : 0;
                TensorPrimitives.MultiplyAdd(direction.Row(output), turn, scaled.Row(output), direction.Row(output));
            }

            products = next;
        }

        return solution;
    }

    /// <summary>V·(XᵀX + λI) within the mask, for the rows of V.</summary>
    Matrix Normal(Matrix directions, double lambda)
    {
        var floats = directions.ToFloatMatrix();
        var image = new Matrix(directions.Rows, directions.Columns);
        image.Add(gram is { } moments ? Product(floats, moments) : Product(Product(floats, rows!.Value), columns!.Value));
        TensorPrimitives.MultiplyAdd(directions.Values, lambda, image.Values, image.Values);
        TensorPrimitives.Multiply(image.Values, mask.Values, image.Values);
        return image;
    }

    Matrix Scaled(Matrix residual, double lambda)
    {
        var scaled = new Matrix(residual.Rows, residual.Columns);
        for (var output = 0; output < residual.Rows; output++)
        {
            var from = residual.Row(output);
            var to = scaled.Row(output);
            for (var column = 0; column < diagonal.Length; column++)
                to[column] = from[column] / (diagonal[column] + lambda);
        }

        return scaled;
    }

    /// <summary>A·Bᵀ.</summary>
    static FloatMatrix Product(FloatMatrix a, FloatMatrix b)
    {
        var product = new FloatMatrix(a.Rows, b.Rows);
        FloatProduct.AddTimesTransposed(a, b, product);
        return product;
    }

    static double[] RowProducts(Matrix one, Matrix other) =>
        [.. Enumerable.Range(0, one.Rows).Select(row => TensorPrimitives.Dot<double>(one.Row(row), other.Row(row)))];
}
