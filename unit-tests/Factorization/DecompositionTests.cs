using Compress.Factorization;
using Compress.Models;
using Compress.Numerics;
using Compress.UnitTests.Support;
using MathNet.Numerics.LinearAlgebra;
using Matrix = Compress.Numerics.Matrix;

namespace Compress.UnitTests.Factorization;

public class DecompositionTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(5, 3, 7)]
    [InlineData(67, 70, 33)]
    [InlineData(130, 9, 1100)]
    public void Products_are_those_of_the_definition(int rows, int columns, int depth)
    {
        var (a, b) = (Random(rows, depth, 1), Random(columns, depth, 2));
        var (oracleA, oracleB) = (Oracle(a), Oracle(b));

        Assert.True(Distance(oracleA * oracleB.Transpose(), MatrixProduct.TimesTransposed(a, b)) < 1e-10);
        Assert.True(Distance(oracleA * oracleA.Transpose(), MatrixProduct.Gram(a)) < 1e-10);
    }

    [Theory]
    [InlineData(12, 30)]
    [InlineData(30, 12)]
    public void The_error_of_a_truncated_svd_is_the_tail_of_the_singular_values(int rows, int columns)
    {
        var matrix = Random(rows, columns, 3);
        var singularValues = Oracle(matrix).Svd(computeVectors: false).S;
        var svd = new TruncatedSvd(matrix);

        for (var rank = 1; rank <= 12; rank++)
        {
            var (left, right) = svd.Factors(rank);
            var tail = Math.Sqrt(singularValues.Skip(rank).Sum(value => value * value));
            Assert.Equal(tail, (Oracle(matrix) - Oracle(left) * Oracle(right)).FrobeniusNorm(), 9);
            Assert.Equal(tail / Oracle(matrix).FrobeniusNorm(), new SvdStack([matrix]).RelativeError(rank), 7);
            Assert.Equal(singularValues[rank - 1], Math.Sqrt(svd.SquaredSingularValues[rank - 1]), 9);
        }
    }

    [Fact]
    public void A_mode_product_multiplies_every_fibre()
    {
        var kernel = RandomKernel(4, 3, 2);
        var matrix = Random(5, 3, 4);

        var product = kernel.ModeProduct(Mode.Input, matrix);

        // Kolda and Bader 2009: the unfolding of W x_n M is M times the unfolding of W.
        Assert.True(Distance(Oracle(matrix) * Oracle(kernel.Unfold(Mode.Input)), product.Unfold(Mode.Input)) < 1e-12);
        Assert.Equal(kernel.SquaredNorm, kernel.Swapped().SquaredNorm, 9);
        Assert.Equal(kernel.ToFloats(), kernel.Swapped().Swapped().ToFloats());
    }

    [Theory]
    [InlineData(16, 12, 9, 5, 7)]
    [InlineData(8, 20, 25, 6, 3)]
    [InlineData(20, 20, 1, 8, 8)]
    public void Iterations_never_lose_to_the_hosvd_and_reach_the_fixed_point(int outputs, int inputs, int positions, int inputRank, int outputRank)
    {
        var kernel = RandomKernel(outputs, inputs, positions);
        var start = new HigherOrderSvd(kernel);
        var ranks = new TuckerRanks(inputRank, outputRank);

        var (hosvd, hooi) = (start.Truncate(ranks), HigherOrderIteration.Run(start, ranks));

        Assert.True(hooi.RelativeError <= hosvd.RelativeError + 1e-12);
        Assert.True(Exact(kernel, hosvd, ranks) > hooi.RelativeError - 0.01);
    }

    [Fact]
    public void Factors_are_orthonormal_and_the_error_is_that_of_the_reconstruction()
    {
        var kernel = RandomKernel(16, 12, 9);

        // Rank 5 of a kernel of rank 3: the columns past the true rank must stay orthonormal too.
        var lowRank = KernelTensor.Of(Tensor.Of<float>("w", LowRank.Kernel(16, 12, 9, 3, 3), 16, 12, 3, 3));
        foreach (var tensor in new[] { kernel, lowRank })
        {
            var tucker = HigherOrderIteration.Run(new HigherOrderSvd(tensor), new TuckerRanks(5, 5));

            foreach (var factor in new[] { tucker.OutputFactor!, tucker.InputFactor! })
                Assert.True(Distance(Matrix<double>.Build.DenseIdentity(5), factor.Transposed().Times(factor)) < 1e-9);
            var (original, rebuilt) = (Oracle(tensor.Unfold(Mode.Output)), Oracle(tucker.Reconstruct().Unfold(Mode.Output)));
            Assert.Equal((original - rebuilt).FrobeniusNorm() / original.FrobeniusNorm(), tucker.RelativeError, 6);
        }
    }

    [Fact]
    public void A_basis_stays_orthonormal_where_the_gram_matrix_is_singular()
    {
        var gram = new Matrix(4, 4, [4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        var basis = new Matrix(4, 3, [0.6, 0, 0.8, 0, 1, 0, 0.8, 0, -0.6, 0, 0, 0]);

        var step = OrthogonalIteration.Step(gram, basis);

        Assert.True(Distance(Matrix<double>.Build.DenseIdentity(3), step.Transposed().Times(step)) < 1e-9);
        var energy = step.Transposed().Times(gram).Times(step);
        Assert.Equal(5, energy[0, 0] + energy[1, 1] + energy[2, 2], 9);
    }

    /// <summary>HOOI as published, with a full SVD for every half-step.</summary>
    static double Exact(KernelTensor kernel, TuckerDecomposition start, TuckerRanks ranks)
    {
        var (output, input) = (start.OutputFactor, start.InputFactor!);
        for (var round = 0; round < 20; round++)
        {
            output = Leading(kernel.ModeProduct(Mode.Input, input.Transposed()).Unfold(Mode.Output), ranks.Output!.Value);
            input = Leading(kernel.ModeProduct(Mode.Output, output.Transposed()).Unfold(Mode.Input), ranks.Input!.Value);
        }

        return TuckerDecomposition.Of(kernel, output, input).RelativeError;
    }

    static Matrix Leading(Matrix unfolding, int rank)
    {
        var u = Oracle(unfolding).Svd().U.SubMatrix(0, unfolding.Rows, 0, rank);
        return new Matrix(unfolding.Rows, rank, u.ToRowMajorArray());
    }

    static KernelTensor RandomKernel(int outputs, int inputs, int positions) =>
        new(outputs, positions, inputs, Array.ConvertAll(new GraphBuilder(seed: 7).Normal(outputs * inputs * positions), value => (double)value));

    static Matrix Random(int rows, int columns, int seed) => Matrix.Of(new GraphBuilder(seed: seed).Normal(rows * columns), rows, columns);

    static Matrix<double> Oracle(Matrix matrix) => Matrix<double>.Build.Dense(matrix.Columns, matrix.Rows, matrix.Values).Transpose();

    static double Distance(Matrix<double> expected, Matrix actual) => (expected - Oracle(actual)).FrobeniusNorm();
}
