using Compress.Diagnostics;
using Compress.Factorization;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Factorization;

public class RefusalTests
{
    static readonly TuckerFactorization Tucker = new();
    static readonly SvdFactorization Svd = new();
    static readonly CpFactorization Cp = new();

    public static TheoryData<string, string> Cases => new()
    {
        { "grouped", "grouped convolution (group 2)" },
        { "depthwise", "depthwise convolution" },
        { "depthwise svd", "depthwise convolution" },
        { "one position", "kernel has one position" },
        { "spatial over one axis", "takes kernels over two axes, and this one has 1" },
        { "error without data", "cannot be sampled" },
        { "half", "its weight is float16" },
        { "not finite", "not finite" },
        { "not finite factors", "too large for float32 factors" },
        { "gains nothing", "would not save both: MACs" },
        { "no such speedup", "no rank reaches speedup 1000" },
        { "dense", "this is Gemm" },
        { "svd gains nothing", "rank 16 would save nothing" },
        { "svd has no such speedup", "no rank reaches speedup 1000" },
        { "transposed convolution", "this is ConvTranspose" },
        { "cp saves nothing", "rank 144 would save nothing: weights 4608 -> 7776" },
        { "cp has no such speedup", "no rank reaches speedup 1000" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_layer_that_a_pattern_matched_is_skipped_with_the_reason(string name, string reason)
    {
        var (technique, model, settings) = Case(name);
        var nodes = model.Graph.Nodes.ToArray();

        var change = Assert.Single(LowRank.Apply(technique, model, settings));

        Assert.Contains(reason, change.Skipped);
        Assert.Null(change.Before);
        Assert.Null(change.After);
        Assert.Equal(nodes, model.Graph.Nodes);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_layer_that_was_named_is_an_error(string name, string reason)
    {
        var (technique, model, settings) = Case(name);

        var thrown = Assert.Throws<CompressException>(() => LowRank.Apply(technique, model, settings, byName: true));

        var diagnostic = Assert.Single(thrown.Diagnostics);
        Assert.Equal(name.StartsWith("not finite", StringComparison.Ordinal) ? "CMP4004" : "CMP4001", diagnostic.Code);
        Assert.Contains(reason, diagnostic.Message);
        Assert.Equal(new SourcePosition("compress.yaml", 5, 3), diagnostic.Position);
    }

    [Theory]
    [InlineData(new[] { 0 }, "input rank 0 is not in 1..16")]
    [InlineData(new[] { 17 }, "input rank 17 is not in 1..16")]
    [InlineData(new[] { 8, 33 }, "output rank 33 is not in 1..32")]
    [InlineData(new[] { 8, -1 }, "output rank -1 is not in 1..32")]
    [InlineData(new[] { 1, 2, 3 }, "3 ranks are given")]
    public void A_rank_out_of_range_is_an_error_that_names_the_range(int[] ranks, string message)
    {
        var model = Convolution();

        var thrown = Assert.Throws<CompressException>(() => LowRank.Apply(Tucker, model, LowRank.Rank(ranks)));

        Assert.Equal("CMP4003", Assert.Single(thrown.Diagnostics).Code);
        Assert.Contains(message, thrown.Message);
    }

    [Theory]
    [InlineData(new[] { 0 }, "rank 0 is not in 1..16")]
    [InlineData(new[] { 17 }, "rank 17 is not in 1..16")]
    [InlineData(new[] { 4, 4 }, "2 ranks are given")]
    public void A_rank_out_of_range_for_a_dense_layer_is_an_error_too(int[] ranks, string message)
    {
        var thrown = Assert.Throws<CompressException>(() => LowRank.Apply(Svd, Dense(), LowRank.Rank(ranks)));

        Assert.Equal("CMP4003", Assert.Single(thrown.Diagnostics).Code);
        Assert.Contains(message, thrown.Message);
    }

    [Theory]
    [InlineData(RankRule.Ratio, 0)]
    [InlineData(RankRule.Ratio, 1.5)]
    [InlineData(RankRule.Energy, 0)]
    [InlineData(RankRule.Energy, double.NaN)]
    [InlineData(RankRule.Speedup, 1)]
    public void A_value_that_fits_no_layer_is_an_error(RankRule rule, double value)
    {
        foreach (var (technique, model) in new (ITechnique, Model)[] { (Tucker, Convolution()), (Svd, Dense()) })
        {
            var thrown = Assert.Throws<CompressException>(() => LowRank.Apply(technique, model, LowRank.By(rule, value)));
            Assert.Equal("CMP4003", Assert.Single(thrown.Diagnostics).Code);
        }
    }

    [Fact]
    public void Every_layer_that_is_wrong_is_told_at_once()
    {
        var model = new GraphBuilder().Input("x", -1, 16).Gemm("x", "h", 16, 24).Gemm("h", "g", 24, 64).Gemm("g", "y", 64, 8).Output("y").Build();

        var thrown = Assert.Throws<CompressException>(() => LowRank.Apply(Svd, model, LowRank.Rank(17)));

        Assert.Equal(["rank 17 is not in 1..16 = min(inputs, outputs)", "rank 17 is not in 1..8 = min(inputs, outputs)"],
            thrown.Diagnostics.Select(diagnostic => diagnostic.Message.Split(": ")[^1]));
    }

    [Fact]
    public void Weights_of_zeros_give_factors_of_zeros()
    {
        foreach (var (technique, model) in new (ITechnique, Model)[] { (Tucker, Convolution(new float[32 * 16 * 9])), (Svd, Dense(new float[32 * 16])), (Svd, Convolution(new float[32 * 16 * 9])) })
        {
            var change = Assert.Single(LowRank.Apply(technique, model, LowRank.By(RankRule.Energy, 0.9)));

            Assert.Equal(0, change.Error);
            Assert.All(model.Graph.Initializers.Where(tensor => tensor.Name.Contains('.')), tensor => Assert.True(float.IsFinite(tensor.Floats().ToArray().Sum())));
        }
    }

    static (ITechnique, Model, FactorizeSettings) Case(string name)
    {
        var input = new GraphBuilder().Input("x", -1, 16, 8, 8);
        return name switch
        {
            "grouped" => (Cp, input.Conv("x", "y", 16, 32, group: 2).Output("y").Build(), LowRank.Rank(2)),
            "depthwise" => (Tucker, input.Conv("x", "y", 16, 16, group: 16).Output("y").Build(), LowRank.Rank(1)),
            "depthwise svd" => (Svd, input.Conv("x", "y", 16, 16, group: 16).Output("y").Build(), LowRank.Rank(1)),
            "one position" => (Cp, input.Conv("x", "y", 16, 32, kernel: 1).Output("y").Build(), LowRank.Rank(2)),
            "spatial over one axis" => (Svd, new GraphBuilder().Input("x", -1, 16, 8).Random("w", 1, 32, 16, 3).Node("Conv", ["x", "w"], "y").Output("y").Build(),
                LowRank.Rank(2) with { Axis = SvdAxis.Spatial }),
            "error without data" => (Cp, Convolution(), LowRank.By(RankRule.Error, 0.1)),
            "half" => (Tucker, input.Constant("w", new Half[32 * 16 * 9], 32, 16, 3, 3).Node("Conv", ["x", "w"], "y").Output("y").Build(), LowRank.Rank(2)),
            "not finite" => (Tucker, Convolution([.. new float[32 * 16 * 9 - 1], float.NaN]), LowRank.Rank(2)),
            "not finite factors" => (Svd, Dense([.. Enumerable.Repeat(3e38f, 32 * 16)]), LowRank.Rank(2)),
            "gains nothing" => (Tucker, Convolution(), LowRank.Rank(15, 31)),
            "no such speedup" => (Tucker, Convolution(), LowRank.By(RankRule.Speedup, 1000)),
            "dense" => (Tucker, Dense(), LowRank.Rank(2)),
            "svd gains nothing" => (Svd, Dense(), LowRank.Rank(16)),
            "svd has no such speedup" => (Svd, Dense(), LowRank.By(RankRule.Speedup, 1000)),
            "transposed convolution" => (Svd, input.Random("w", 1, 16, 32, 3, 3).Node("ConvTranspose", ["x", "w"], "y").Output("y").Build(), LowRank.Rank(2)),
            "cp saves nothing" => (Cp, Convolution(), LowRank.Rank(144)),
            "cp has no such speedup" => (Cp, Convolution(), LowRank.By(RankRule.Speedup, 1000)),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };
    }

    static Model Convolution(float[]? weight = null)
    {
        var builder = new GraphBuilder();
        return builder.Input("x", -1, 16, 8, 8).Constant("w", weight ?? builder.Normal(32 * 16 * 9), 32, 16, 3, 3)
            .Node("Conv", ["x", "w"], "y").Output("y").Build();
    }

    static Model Dense(float[]? weight = null)
    {
        var builder = new GraphBuilder();
        return builder.Input("x", -1, 16).Constant("w", weight ?? builder.Normal(32 * 16), 16, 32).Constant("b", new float[32], 32)
            .Node("Gemm", ["x", "w", "b"], "y").Output("y").Build();
    }
}
