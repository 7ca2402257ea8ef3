using Compress.Numerics;
using Compress.Pruning;
using Compress.Pruning.Forms;
using Compress.Regression;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Pruning;

public class MaskedLeastSquaresTests
{
    [Theory]
    [InlineData(40, 9)]
    [InlineData(4, 15)]
    public void The_gradient_is_zero_where_weights_stay_and_they_are_zero_where_they_went(int rows, int inputs)
    {
        var builder = new GraphBuilder();
        var samples = new LayerSamples(rows, 0, inputs, 3, hasBias: true);
        for (var row = 0; row < rows; row++)
        {
            builder.Normal(inputs).CopyTo(samples.Input(row));
            builder.Normal(3).CopyTo(samples.Target(row));
        }

        var mask = new Matrix(3, inputs + 1, [.. Enumerable.Range(0, 3 * (inputs + 1)).Select(i => i % 3 == 0 ? 0.0 : 1)]);
        const double lambda = 0.5;

        var solution = new MaskedLeastSquares(samples.Train, mask).Solve(lambda);

        // The gradient of ‖Y − XΔ‖² + λ‖Δ‖² is 2(λΔ − Xᵀ(Y − XΔ)).
        var (x, y) = (Doubles(samples.Train.X), Doubles(samples.Train.Y));
        var fitted = x.Times(solution.Transposed());
        for (var output = 0; output < 3; output++)
        {
            for (var column = 0; column <= inputs; column++)
            {
                var gradient = lambda * solution[output, column];
                for (var row = 0; row < rows; row++)
                    gradient -= x[row, column] * (y[row, output] - fitted[row, output]);
                if (mask[output, column] == 0)
                    Assert.Equal(0, solution[output, column]);
                else
                    Assert.Equal(0, gradient, 1e-2);
            }
        }
    }

    static Matrix Doubles(FloatMatrix floats) => Matrix.Of(floats.Values.Span, floats.Rows, floats.Columns);
}
