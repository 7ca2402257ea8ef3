using Compress.Numerics;
using Compress.Regression;
using Compress.UnitTests.Support;
using DenseMatrix = MathNet.Numerics.LinearAlgebra.Double.DenseMatrix;

namespace Compress.UnitTests.Regression;

public class RidgeRegressionTests
{
    /// <summary>More rows than columns, fewer, and more than one part of rows; with rows withheld and without.</summary>
    [Theory]
    [InlineData(60, 20, 60)]
    [InlineData(60, 20, 45)]
    [InlineData(20, 60, 20)]
    [InlineData(20, 60, 15)]
    [InlineData(70, 90, 35)]
    [InlineData(2100, 70, 1600)]
    [InlineData(25, 23, 17)]
    [InlineData(200, 260, 150)]
    public void The_solution_is_that_of_the_normal_equations_and_so_is_the_error_of_what_is_withheld(int rows, int columns, int fitted)
    {
        var random = new GraphBuilder(seed: rows);
        var samples = new SampleRows(new FloatMatrix(rows, columns, random.Normal(rows * columns)), new FloatMatrix(rows, 3, random.Normal(rows * 3)));
        var x = DenseMatrix.Create(rows, columns, (i, j) => samples.X.Row(i)[j]);
        var y = DenseMatrix.Create(rows, 3, (i, j) => samples.Y.Row(i)[j]);
        var problem = new RidgeRegression(samples, fitted);

        // The second solution must not be spoilt by the first.
        foreach (var penalty in fitted < rows ? [0.5, 20] : Array.Empty<double>())
        {
            var expected = Solve(fitted, penalty);
            var missed = (y - (x * expected)).SubMatrix(fitted, rows - fitted, 0, 3);
            Assert.Equal(missed.PointwiseMultiply(missed).ColumnSums().Sum(), problem.ErrorWithheld(penalty), 1e-4 * (rows - fitted));
        }

        foreach (var penalty in (double[])[0.5, 20])
        {
            var expected = Solve(rows, penalty);
            var solution = problem.Solve(penalty)!.Value;
            for (var i = 0; i < columns; i++)
            {
                for (var o = 0; o < 3; o++)
                    Assert.Equal(expected[i, o], solution.Row(o)[i], 1e-5);
            }
        }

        // The penalty is relative to the mean of the diagonal of the smaller Gram matrix, the last column apart.
        MathNet.Numerics.LinearAlgebra.Matrix<double> Solve(int count, double penalty)
        {
            var (xs, ys) = (x.SubMatrix(0, count, 0, columns), y.SubMatrix(0, count, 0, 3));
            var inputs = xs.SubMatrix(0, count, 0, columns - 1);
            var lambda = penalty * inputs.PointwiseMultiply(inputs).ColumnSums().Sum() / Math.Min(count, columns);
            return (xs.TransposeThisAndMultiply(xs) + (DenseMatrix.CreateIdentity(columns) * lambda)).Solve(xs.TransposeThisAndMultiply(ys));
        }
    }
}
