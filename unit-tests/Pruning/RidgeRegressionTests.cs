using Compress.Numerics;
using Compress.Pruning;
using Compress.UnitTests.Support;
using DenseMatrix = MathNet.Numerics.LinearAlgebra.Double.DenseMatrix;

namespace Compress.UnitTests.Pruning;

public class RidgeRegressionTests
{
    /// <summary>More rows than columns, fewer, and more than one part of rows.</summary>
    [Theory]
    [InlineData(60, 20)]
    [InlineData(20, 60)]
    [InlineData(2100, 70)]
    public void The_solution_is_that_of_the_normal_equations(int rows, int columns)
    {
        var random = new GraphBuilder(seed: rows);
        var samples = new SampleRows(new FloatMatrix(rows, columns, random.Normal(rows * columns)), new FloatMatrix(rows, 3, random.Normal(rows * 3)));
        var x = DenseMatrix.Create(rows, columns, (i, j) => samples.X.Row(i)[j]);
        var y = DenseMatrix.Create(rows, 3, (i, j) => samples.Y.Row(i)[j]);
        var problem = new RidgeRegression(samples);

        // The second solution must not be spoilt by the first.
        foreach (var lambda in (double[])[0.5, 20])
        {
            var expected = (x.TransposeThisAndMultiply(x) + (DenseMatrix.CreateIdentity(columns) * lambda)).Solve(x.TransposeThisAndMultiply(y));
            var solution = problem.Solve(lambda)!;
            for (var i = 0; i < columns; i++)
            {
                for (var o = 0; o < 3; o++)
                    Assert.Equal(expected[i, o], solution[o, i], 1e-5);
            }
        }
    }
}
