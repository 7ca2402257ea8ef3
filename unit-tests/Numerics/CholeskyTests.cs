using Compress.Numerics;
using Compress.UnitTests.Support;
using DenseMatrix = MathNet.Numerics.LinearAlgebra.Double.DenseMatrix;

namespace Compress.UnitTests.Numerics;

public class CholeskyTests
{
    /// <summary>Sizes at and beside the edges of blocks and bands.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(63, 5)]
    [InlineData(64, 33)]
    [InlineData(65, 2)]
    [InlineData(200, 70)]
    [InlineData(601, 7)]
    public void Systems_have_the_solution_that_another_library_finds(int size, int rightSides)
    {
        var values = new GraphBuilder(seed: size).Normal(size * (size + 20));
        var gram = MatrixProduct.Gram(Matrix.Of(values, size, size + 20));
        var right = Matrix.Of(new GraphBuilder(seed: 2).Normal(rightSides * size), rightSides, size);
        // The other library stores columns: a symmetric matrix reads the same, and rows become right-hand sides.
        var expected = (DenseMatrix)new DenseMatrix(size, size, (double[])gram.Values.Clone()).LU().Solve(new DenseMatrix(size, rightSides, (double[])right.Values.Clone()));
        var upper = Upper(gram);

        Assert.True(Cholesky.Factor(gram));
        Cholesky.Solve(gram, right);

        var greatest = expected.Values.Max(Math.Abs);
        Assert.All(expected.Values.Zip(right.Values), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-9 * greatest));
        Assert.Equal(upper, Upper(gram));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_matrix_that_is_not_positive_definite_is_refused(double entry)
    {
        var matrix = new Matrix(100, 100);
        for (var i = 0; i < 100; i++)
            matrix.Row(i)[i] = i == 90 ? entry : 1;

        Assert.False(Cholesky.Factor(matrix));
    }

    static double[] Upper(Matrix matrix) =>
        [.. from i in Enumerable.Range(0, matrix.Rows) from j in Enumerable.Range(i + 1, matrix.Rows - i - 1) select matrix[i, j]];
}
