using Compress.Numerics;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Numerics;

public class FloatProductTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(4, 3, 8)]
    [InlineData(65, 97, 513)]
    [InlineData(130, 10, 1100)]
    public void The_product_of_rows_is_that_in_double_precision(int rows, int columns, int depth)
    {
        var (a, b) = (Random(rows, depth, 1), Random(columns, depth, 2));
        var sum = new FloatMatrix(rows, columns);
        sum.Values.Span.Fill(1);

        FloatProduct.AddTimesTransposed(a, b, sum);

        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
                Assert.Equal(1 + Dot(a, i, b, j), sum.Row(i)[j], 1e-6 * depth);
        }
    }

    [Fact]
    public void The_lower_triangle_of_a_gram_matrix_is_the_whole_of_it()
    {
        var a = Random(131, 70, 1);
        var gram = new FloatMatrix(131, 131);

        FloatProduct.AddTimesTransposed(a, a, gram, lowerTriangleOnly: true);

        for (var i = 0; i < 131; i++)
        {
            for (var j = 0; j <= i; j++)
                Assert.Equal(Dot(a, i, a, j), gram.Row(i)[j], 1e-4);
        }
    }

    static FloatMatrix Random(int rows, int columns, int seed) => new(rows, columns, new GraphBuilder(seed: seed).Normal(rows * columns));

    static double Dot(FloatMatrix a, int i, FloatMatrix b, int j) =>
        a.Row(i).ToArray().Zip(b.Row(j).ToArray(), (x, y) => (double)x * y).Sum();
}
