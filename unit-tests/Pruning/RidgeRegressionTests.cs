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
            var solution = problem.Solve(lambda)!.Value;
            for (var i = 0; i < columns; i++)
            {
                for (var o = 0; o < 3; o++)
                    Assert.Equal(expected[i, o], solution.Row(o)[i], 1e-5);
            }
        }
    }

    [Fact]
    public void Rows_that_are_added_later_count_as_those_from_the_start()
    {
        var random = new GraphBuilder(seed: 3);
        var all = new SampleRows(new FloatMatrix(90, 20, random.Normal(1800)), new FloatMatrix(90, 3, random.Normal(270)));
        var problem = new RidgeRegression(all.Slice(0, 60));
        problem.Solve(1);

        Assert.True(problem.TryAdd(all.Slice(60, 30)));

        var (expected, found) = (new RidgeRegression(all).Solve(2)!.Value, problem.Solve(2)!.Value);
        Assert.All(expected.Values.ToArray().Zip(found.Values.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.Equal(new RidgeRegression(all).MeanSquare, problem.MeanSquare, 1e-3);
    }

    [Fact]
    public void A_problem_in_the_space_of_rows_takes_no_more_of_them()
    {
        var random = new GraphBuilder(seed: 3);
        var all = new SampleRows(new FloatMatrix(9, 20, random.Normal(180)), new FloatMatrix(9, 3, random.Normal(27)));

        Assert.False(new RidgeRegression(all.Slice(0, 6)).TryAdd(all.Slice(6, 3)));
    }
}
