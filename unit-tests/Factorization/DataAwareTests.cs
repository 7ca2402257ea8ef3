using Compress.Diagnostics;
using Compress.Factorization;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Factorization;

public class DataAwareTests
{
    /// <summary>Inputs that vary along two directions only: weights of any rank can be replaced by such of rank two on them.</summary>
    [Theory]
    [InlineData("MatMul")]
    [InlineData("Gemm")]
    [InlineData("GemmT")]
    public void On_inputs_of_low_rank_a_dense_layer_is_replaced_exactly(string form)
    {
        var builder = new GraphBuilder(seed: 5).Input("x", -1, 12);
        builder = form switch
        {
            "MatMul" => builder.Random("w", 0.5f, 12, 10).Node("MatMul", ["x", "w"], "y"),
            "Gemm" => builder.Random("w", 0.5f, 12, 10).Random("b", 1, 10).Node("Gemm", ["x", "w", "b"], "y"),
            _ => builder.Random("w", 0.5f, 10, 12).Random("b", 1, 10).Node("Gemm", ["x", "w", "b"], "y", node => node.With("transB", 1)),
        };
        var model = builder.Output("y").Build();
        var directions = builder.Normal(24);
        float[] Samples(int count) => [.. Enumerable.Range(0, count).SelectMany(_ =>
        {
            var (a, b) = (builder.Normal(1)[0], builder.Normal(1)[0]);
            return Enumerable.Range(0, 12).Select(i => (a * directions[i]) + (b * directions[12 + i]));
        })];
        var data = new ArrayDataSet("x", Samples(64), [12]);
        var unseen = Samples(1);
        var expected = Ort.Run(model.Clone(), "x", unseen, 1, 12);
        var plain = model.Clone();
        LowRank.Apply(new SvdFactorization(), plain, LowRank.Rank(2) with { DataAware = false }, [1, 12], calibration: data);

        var change = Assert.Single(LowRank.Apply(new SvdFactorization(), model, LowRank.Rank(2), [1, 12], calibration: data));

        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, "x", unseen, 1, 12)), 0, 1e-3);
        Assert.True(Ort.RelativeDifference(expected, Ort.Run(plain, "x", unseen, 1, 12)) > 0.1);
        Assert.InRange(change.Error!.Value, 0, 1e-3);
        Assert.True(change.ErrorBefore > 0.1, $"{change.ErrorBefore}");
    }

    /// <summary>Channels of the input that are copies of two: the input factor of a Tucker decomposition needs no more.</summary>
    [Fact]
    public void On_channels_that_copy_one_another_a_convolution_is_replaced_exactly()
    {
        var builder = new GraphBuilder(seed: 5).Input("x", -1, 2, 9, 9).Random("mix", 1, 10, 2, 1, 1).Node("Conv", ["x", "mix"], "a")
            .Conv("a", "b", 10, 8).Relu("b", "r").Conv("r", "y", 8, 3).Output("y");
        var model = builder.Build();
        var data = new ArrayDataSet("x", builder.Normal(32 * 162), [2, 9, 9]);
        var unseen = builder.Normal(162);
        var expected = Ort.Run(model.Clone(), "x", unseen, 1, 2, 9, 9);
        var layers = LayerCatalog.List(model.Graph, TensorShapes.None);
        var plan = new ModelPlan([.. layers.Select(layer => new LayerPlan(layer,
            Tucker: layer.Node.Output() == "b" ? new Planned<FactorizeSettings>(LowRank.Rank(2, 8), new SourcePosition("p"), false) : null))]);

        var change = Assert.Single(new TuckerFactorization().Apply(model, plan, LowRank.Context(model.Clone(), calibration: data)));

        Assert.Equal("rank [2, 8] -> ranks 2, 8", change.Settings);
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, "x", unseen, 1, 2, 9, 9)), 0, 2e-2);
        Assert.True(change.ErrorBefore > 10 * change.Error, $"{change.ErrorBefore} against {change.Error}");
    }

    [Fact]
    public void The_error_that_was_asked_for_is_kept_by_the_least_rank()
    {
        var builder = new GraphBuilder(seed: 5).Input("x", -1, 40).Constant("w", LowRank.Matrix(40, 30, 5), 40, 30).Node("MatMul", ["x", "w"], "y").Output("y");
        var model = builder.Build();
        var data = new ArrayDataSet("x", builder.Normal(400 * 40), [40]);

        var change = Assert.Single(LowRank.Apply(new SvdFactorization(), model, LowRank.By(RankRule.Error, 0.01, roundTo: 1), [1, 40], calibration: data));

        Assert.EndsWith("-> rank 5", change.Settings, StringComparison.Ordinal);
        Assert.InRange(change.Error!.Value, 0, 0.01);
    }

    /// <summary>Weights of a known rank with noise a hundred times as weak.</summary>
    [Theory]
    [InlineData(60, 40, 3)]
    [InlineData(120, 200, 10)]
    [InlineData(64, 576, 20)]
    public void Variational_Bayes_finds_the_rank_under_noise(int rows, int columns, int rank)
    {
        var noise = new GraphBuilder(seed: 9).Normal(rows * columns, 0.01f * MathF.Sqrt(rank));
        var values = LowRank.Matrix(rows, columns, rank);
        for (var i = 0; i < values.Length; i++)
            values[i] += noise[i];
        var svd = new TruncatedSvd(Compress.Numerics.Matrix.Of(values, rows, columns));

        Assert.InRange(VariationalBayes.Rank(svd.SquaredSingularValues, Math.Max(rows, columns)), rank - 1, rank + 1);
    }

    [Fact]
    public void Noise_alone_has_no_rank_to_speak_of()
    {
        var svd = new TruncatedSvd(Compress.Numerics.Matrix.Of(new GraphBuilder(seed: 9).Normal(100 * 150), 100, 150));

        Assert.Equal(1, VariationalBayes.Rank(svd.SquaredSingularValues, 150));
    }

    [Theory]
    [InlineData(RankRule.Auto)]
    [InlineData(RankRule.Energy)]
    public void The_true_ranks_of_a_kernel_are_found(RankRule rule)
    {
        var model = new GraphBuilder().Input("x", 1, 32, 8, 8).Constant("w", LowRank.Kernel(48, 32, 9, 6, 9), 48, 32, 3, 3)
            .Node("Conv", ["x", "w"], "y").Output("y").Build();

        var change = Assert.Single(LowRank.Apply(new TuckerFactorization(), model, LowRank.By(rule, 0.9999, roundTo: 1), [1, 32, 8, 8]));

        var ranks = change.Settings[(change.Settings.LastIndexOf("ranks ", StringComparison.Ordinal) + 6)..].Split(", ").Select(int.Parse).ToArray();
        Assert.InRange(ranks[0], 5, 7);
        Assert.InRange(ranks[1], 8, 10);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(1e30f)]
    public void Samples_beyond_what_can_be_multiplied_are_a_diagnostic(float value)
    {
        var builder = new GraphBuilder(seed: 5).Input("x", -1, 12).Random("w", 0.5f, 12, 10).Node("MatMul", ["x", "w"], "y").Output("y");
        var samples = builder.Normal(64 * 12);
        samples[5] = value;

        var failure = Assert.Throws<CompressException>(() =>
            LowRank.Apply(new SvdFactorization(), builder.Build(), LowRank.Rank(2), [1, 12], calibration: new ArrayDataSet("x", samples, [12])));

        Assert.Equal("CMP4004", Assert.Single(failure.Diagnostics).Code);
    }
}
