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
        var exact = MatrixProduct.Gram(Matrix.Of(values, size, size + 20));
        for (var i = 0; i < size; i++)
            exact.Row(i)[i] += size;
        var gram = exact.ToFloatMatrix();
        var right = new FloatMatrix(rightSides, size, new GraphBuilder(seed: 2).Normal(rightSides * size));
        // The other library stores columns: a symmetric matrix reads the same, and rows become right-hand sides.
        var expected = (DenseMatrix)new DenseMatrix(size, size, exact.Values).LU().Solve(new DenseMatrix(size, rightSides, Matrix.Of(right.Values.Span, rightSides, size).Values));
        var upper = Upper(gram);

        Assert.True(Cholesky.Factor(gram));
        Cholesky.Solve(gram, right);

        var greatest = expected.Values.Max(Math.Abs);
        Assert.All(expected.Values.Zip(right.Values.ToArray()), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-5 * greatest));
        Assert.Equal(upper, Upper(gram));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_matrix_that_is_not_positive_definite_is_refused(float entry)
    {
        var matrix = new FloatMatrix(100, 100);
        for (var i = 0; i < 100; i++)
            matrix.Row(i)[i] = i == 90 ? entry : 1;

        Assert.False(Cholesky.Factor(matrix));
    }

    static float[] Upper(FloatMatrix matrix) =>
        [.. from i in Enumerable.Range(0, matrix.Rows) from j in Enumerable.Range(i + 1, matrix.Rows - i - 1) select matrix.Row(i)[j]];
}
