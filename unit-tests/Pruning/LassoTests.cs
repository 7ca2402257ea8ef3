using System.Numerics;
using Compress.Data;
using Compress.Execution;
using Compress.Models;
using Compress.Numerics;
using Compress.Pruning;
using Compress.Regression;
using Compress.Techniques;
using Compress.UnitTests.Support;
using MathNet.Numerics.LinearAlgebra.Double;
using Matrix = Compress.Numerics.Matrix;

namespace Compress.UnitTests.Pruning;

public class LassoTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(2)]
    [InlineData(100)]
    public void For_an_orthogonal_design_it_is_soft_thresholding(double lambda)
    {
        double[] squares = [1, 4, 0.25, 2, 0];
        double[] right = [3, -1, 0.7, 1.9, 0];
        var gram = new Matrix(5, 5);
        for (var i = 0; i < 5; i++)
            gram.Row(i)[i] = squares[i];

        var beta = Lasso.Solve(gram, right, lambda, [1, 1, 1, 1, 1]);

        for (var i = 0; i < 4; i++)
            Assert.Equal(Math.Sign(right[i]) * Math.Max(Math.Abs(right[i]) - lambda, 0) / squares[i], beta[i], 12);
        Assert.Equal(0, beta[4]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void For_any_design_it_meets_the_conditions_of_optimality(int seed)
    {
        var (gram, right) = Design(seed, samples: 40, variables: 12);
        var lambda = right.Max(Math.Abs) / 10;

        var beta = Lasso.Solve(gram, right, lambda, new double[12]);

        Assert.InRange(beta.Count(value => value == 0), 1, 11);
        for (var i = 0; i < 12; i++)
        {
            var slope = right[i] - Enumerable.Range(0, 12).Sum(j => gram[i, j] * beta[j]);
            if (beta[i] == 0)
                Assert.InRange(Math.Abs(slope), 0, lambda * (1 + 1e-6));
            else
                Assert.Equal(lambda * Math.Sign(beta[i]), slope, lambda * 1e-5);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(11)]
    public void Exactly_as_many_are_chosen_as_are_wanted(int keep)
    {
        var (gram, right) = Design(4, samples: 60, variables: 12);

        Assert.Equal(keep, LassoSelection.Importance(gram, right, keep).Count(value => value > 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Of_a_small_layer_it_chooses_the_channels_that_an_exhaustive_search_does(int seed)
    {
        // Channels of very different strength, as after an activation, and some correlation.
        var builder = new GraphBuilder(seed: seed);
        var (rows, channels, outputs) = (200, 6, 4);
        var x = new Matrix(rows, channels);
        for (var i = 0; i < rows; i++)
        {
            var (common, own) = (builder.Normal(1)[0], builder.Normal(channels));
            for (var j = 0; j < channels; j++)
                x.Row(i)[j] = MathF.Pow(2, (j * 5 + seed) % 6 / 1.5f) * (own[j] + (0.2f * common));
        }

        // What is read with the same weight: the penalty is on ‖β_i·W_i‖, so that it is the same for all.
        var w = Matrix.Of([.. builder.Normal(channels * outputs).Chunk(outputs).SelectMany(row => row.Select(value => value / MathF.Sqrt(row.Sum(other => other * other))))], channels, outputs);
        var contributions = ChannelContributions.Of(MatrixProduct.Gram(x.Transposed()), w, [[0], [1], [2], [3], [4], [5]]);
        var (gram, right) = contributions.Normalized();

        var chosen = LassoSelection.Importance(gram, right, 3).Index().Where(entry => entry.Item > 1).Select(entry => entry.Index);

        var best = Enumerable.Range(0, 1 << channels).Where(set => BitOperations.PopCount((uint)set) == 3)
            .MinBy(set => LeastSquares(contributions, [.. Enumerable.Range(0, channels).Where(i => (set >> i & 1) == 1)]));
        Assert.Equal(best, chosen.Sum(i => 1 << i));
    }

    [Fact]
    public void Equal_channels_are_not_chosen_twice()
    {
        var ones = new double[] { 4, 4, 1, 1 };
        var gram = new Matrix(4, 4);
        for (var i = 0; i < 4; i++)
        {
            for (var j = 0; j < 4; j++)
                gram.Row(i)[j] = i / 2 == j / 2 ? ones[i] : 0;
        }

        var importance = LassoSelection.Importance(gram, [8, 8, 2, 2], 2);

        Assert.Equal([true, false, true, false], importance.Select(value => value > 1));
    }

    [Fact]
    public void A_layer_of_zeros_has_a_choice_all_the_same() =>
        Assert.All(LassoSelection.Importance(new Matrix(3, 3), [0, 0, 0], 2), value => Assert.True(double.IsFinite(value)));

    [Theory]
    [InlineData(3, 1)]
    [InlineData(2, 2)]
    public void Contributions_are_the_products_of_what_each_channel_gives(int kernel, int stride)
    {
        // Ten positions of each sample, or four, are all that there are: nothing is left to chance.
        var (height, width) = kernel == 3 ? (2, 5) : (3, 3);
        var model = new GraphBuilder(seed: 2).Input("x", -1, 3, height, width).Conv("x", "a", 3, 5).Relu("a", "b").Conv("b", "y", 5, 4, kernel, stride).Output("y").Build();
        var samples = new GraphBuilder(seed: 3).Normal(20 * 3 * height * width);
        var data = new ArrayDataSet("x", samples, [3, height, width]);
        var node = model.Graph.Nodes[2];
        var context = new CompressionContext(model, data.Read(0, 1), data) { BatchSize = 7 };

        var moments = InputMoments.Of(model, node, context)!;
        var per = kernel * kernel;
        var found = ChannelContributions.Of(moments, DenseWeights.Read(model.Graph, node).Transposed(), [.. Enumerable.Range(0, 5).Select(i => Enumerable.Range(i * per, per).ToArray())]);

        var alone = Enumerable.Range(0, 5).Select(channel => Contribution(model, channel, data.Read(0, 20))).ToArray();
        for (var i = 0; i < 5; i++)
        {
            for (var j = 0; j < 5; j++)
                Assert.Equal(alone[i].Zip(alone[j], (a, b) => (double)a * b).Sum(), found.Gram[i, j], 1e-3);
        }
    }

    /// <summary>What the last layer gives, less its mean for each output, with the weights of one input channel only, in ORT.</summary>
    static float[] Contribution(Model model, int channel, IReadOnlyDictionary<string, DataTensor> input)
    {
        var only = model.Clone();
        var node = only.Graph.Nodes[2];
        var weight = only.Graph.Initializer("y.weight")!;
        var values = weight.Floats().ToArray();
        var inner = weight.Shape[2] * weight.Shape[3];
        for (var i = 0; i < values.Length; i++)
            values[i] = i / inner % 5 == channel ? values[i] : 0;
        only.Graph.SetConstant(node, 1, Tensor.Of<float>("y.weight", values, weight.Shape));
        var given = Ort.Run(only, input, "y");
        var positions = given.Length / 80;
        var means = Enumerable.Range(0, 4).Select(o => given.Where((_, i) => i / positions % 4 == o).Average()).ToArray();
        return [.. given.Select((value, i) => value - means[i / positions % 4])];
    }

    /// <summary>min over β of ‖Y − Σ β_i·Z_i‖² with the channels of a set alone.</summary>
    static double LeastSquares(ChannelContributions contributions, int[] set)
    {
        var gram = DenseMatrix.Create(set.Length, set.Length, (i, j) => contributions.Gram[set[i], set[j]]);
        var right = DenseVector.Create(set.Length, i => contributions.WithOutput[set[i]]);
        return contributions.WithOutput.Sum() - (right * gram.Cholesky().Solve(right));
    }

    static (Matrix Gram, double[] Right) Design(int seed, int samples, int variables)
    {
        var builder = new GraphBuilder(seed: seed);
        var z = Matrix.Of(builder.Normal(samples * variables), variables, samples);
        for (var i = 1; i < variables; i++)
        {
            for (var k = 0; k < samples; k++)
                z.Row(i)[k] += 0.5 * z[i - 1, k];
        }

        var y = Matrix.Of(builder.Normal(samples), 1, samples);
        return (MatrixProduct.Gram(z), MatrixProduct.TimesTransposed(y, z).Values);
    }
}
