using Compress.Numerics;
using Compress.Policies;
using Compress.Quantization.Blocks;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Quantization;

/// <summary>Rounding to 4 bits keeps to its bounds, and the ways to round keep their promises.</summary>
public class BlockQuantizerTests
{
    const int Rows = 96, Columns = 150;

    static readonly float[] Weight = [.. new GraphBuilder(seed: 3).Normal(Rows * Columns, 0.1f).Select((value, i) => value + (0.02f * (i % 7)))];

    [Theory]
    [InlineData(16, false)]
    [InlineData(32, true)]
    [InlineData(96, false)]
    public void The_nearest_number_is_off_by_half_a_step_at_most(int block, bool isSymmetric)
    {
        var found = BlockQuantizer.Quantize(Weight, Rows, Columns, new QuantizeSettings(Symmetric: isSymmetric, Block: block, By: WeightRounding.Nearest), null);

        double difference = 0, square = 0;
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                var values = Enumerable.Range(row / block * block, block).Select(i => Weight[(i * Columns) + column]).ToArray();
                // A range from low to high has 15 steps; a symmetric one 7 on its lesser side; the zero point is rounded, too.
                var step = isSymmetric ? values.Max(Math.Abs) / 7 : (Math.Max(0, values.Max()) - Math.Min(0, values.Min())) / 15;
                var exact = Weight[(row * Columns) + column];
                Assert.InRange(Math.Abs(exact - found.At(row, column)), 0, (isSymmetric ? 0.5001 : 1.0001) * step);
                difference += Math.Pow(exact - found.At(row, column), 2);
                square += Math.Pow(exact, 2);
            }
        }

        Assert.Equal(Math.Sqrt(difference / square), found.RelativeError, 1e-6);
        Assert.All(found.Codes, code => Assert.InRange(code, 0, 15));
    }

    [Fact]
    public void The_least_squared_error_is_no_greater_than_that_of_the_whole_range()
    {
        var nearest = BlockQuantizer.Quantize(Weight, Rows, Columns, new QuantizeSettings(By: WeightRounding.Nearest), null);
        var least = BlockQuantizer.Quantize(Weight, Rows, Columns, new QuantizeSettings(By: WeightRounding.SquaredError), null);

        Assert.True(least.RelativeError < nearest.RelativeError, $"{least.RelativeError} {nearest.RelativeError}");
    }

    [Fact]
    public void Weights_that_four_bits_hold_come_back_as_they_were()
    {
        float[] weight = [.. Enumerable.Range(0, 64).Select(i => 0.5f * ((i * 7 % 16) - 5))];

        var found = BlockQuantizer.Quantize(weight, 64, 1, new QuantizeSettings(Block: 16, By: WeightRounding.Nearest), null);

        Assert.Equal(weight, Enumerable.Range(0, 64).Select(row => found.At(row, 0)));
        Assert.Equal(0, found.RelativeError);
    }

    [Fact]
    public void A_block_of_zeros_stays_zeros()
    {
        var found = BlockQuantizer.Quantize(new float[64], 32, 2, new QuantizeSettings(), null);

        Assert.All(Enumerable.Range(0, 32), row => Assert.Equal(0, found.At(row, 1)));
        Assert.Equal(0, found.RelativeError);
    }

    [Fact]
    public void The_feedback_is_the_upper_triangular_factor_over_its_diagonal()
    {
        // U·Uᵀ of a given U is what the moments are made of, without any damping to speak of.
        double[,] u = { { 2, 1, -1 }, { 0, 3, 0.5 }, { 0, 0, 4 } };
        var moments = new Matrix(3, 3);
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 3; j++)
                moments.Values[(i * 3) + j] = Enumerable.Range(0, 3).Sum(k => u[i, k] * u[j, k]);
        }

        var mean = (moments[0, 0] + moments[1, 1] + moments[2, 2]) / 3;
        for (var i = 0; i < 3; i++)
            moments.Values[i * 4] -= 0.01 * mean / 1.01;

        var feedback = BlockQuantizer.Feedback(moments)!.Value;

        Assert.Equal(u[0, 1] / u[1, 1], feedback.Row(1)[0], 1e-3);
        Assert.Equal(u[0, 2] / u[2, 2], feedback.Row(2)[0], 1e-3);
        Assert.Equal(u[1, 2] / u[2, 2], feedback.Row(2)[1], 1e-3);
    }

    [Fact]
    public void With_correlated_inputs_gptq_changes_outputs_less_than_rounding_each_by_itself()
    {
        var x = CorrelatedInputs();
        var moments = MatrixProduct.Gram(x.Transposed());
        var settings = new QuantizeSettings();

        var aware = BlockQuantizer.Quantize(Weight, Rows, Columns, settings, BlockQuantizer.Feedback(moments));
        var each = BlockQuantizer.Quantize(Weight, Rows, Columns, settings, null);

        Assert.True(OutputError(x, aware) < 0.6 * OutputError(x, each), $"{OutputError(x, aware)} {OutputError(x, each)}");
        Assert.True(aware.RelativeError >= each.RelativeError);
    }

    /// <summary>Few things vary, and each input shows a mixture of them.</summary>
    static Matrix CorrelatedInputs()
    {
        var builder = new GraphBuilder(seed: 11);
        var factors = Matrix.Of(builder.Normal(400 * 12), 400, 12);
        var mixture = Matrix.Of(builder.Normal(12 * Rows), 12, Rows);
        var x = factors.Times(mixture);
        x.Add(Matrix.Of(builder.Normal(400 * Rows, 0.3f), 400, Rows));
        return x;
    }

    static double OutputError(Matrix x, BlockedWeight found)
    {
        var lost = new Matrix(Rows, Columns);
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
                lost.Values[(row * Columns) + column] = Weight[(row * Columns) + column] - found.At(row, column);
        }

        return Math.Sqrt(x.Times(lost).SquaredNorm / x.Times(Matrix.Of(Weight, Rows, Columns)).SquaredNorm);
    }
}
