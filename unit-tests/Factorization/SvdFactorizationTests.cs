using Compress.Data;
using Compress.Factorization;
using Compress.Layers;
using Compress.Models;
using Compress.Numerics;
using Compress.Policies;
using Compress.UnitTests.Support;
using CsCheck;

namespace Compress.UnitTests.Factorization;

public class SvdFactorizationTests
{
    [Fact]
    public void Gemm_keeps_its_values_in_every_orientation() =>
        Gen.Select(Gen.Int[5, 20], Gen.Int[5, 20], Gen.Int[1, 4], Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool), Gen.OneOf(1f, 0.5f, -2f), Gen.Int[0, 3])
            .Sample((inputs, outputs, samples, flags, scale, bias) =>
            {
                var (transA, transB, weightIsRight) = flags;
                int[] weight = weightIsRight == transB ? [outputs, inputs] : [inputs, outputs];
                if (!weightIsRight)
                    weight = transA ? [inputs, outputs] : [outputs, inputs];
                int[] x = weightIsRight
                    ? transA ? [inputs, samples] : [samples, inputs]
                    : transB ? [samples, inputs] : [inputs, samples];
                int[][] biases = weightIsRight ? [[outputs], [1, outputs], [1], []] : [[samples], [outputs, 1], [1], []];
                var builder = new GraphBuilder().Input("x", x).Constant("w", LowRank.Matrix(weight[0], weight[1], 2), weight);
                List<string> operands = weightIsRight ? ["x", "w"] : ["w", "x"];
                if (bias < 3)
                {
                    builder.Random("b", 1, biases[bias]);
                    operands.Add("b");
                }

                var model = builder.Node("Gemm", [.. operands], "y", node => node
                    .With("transA", transA ? 1 : 0).With("transB", transB ? 1 : 0).With("alpha", scale).With("beta", 3f)).Output("y").Build();
                AssertKept(model, LowRank.Rank(2), x);
            }, iter: 60, threads: 1);

    [Fact]
    public void MatMul_keeps_its_values_with_the_weight_on_either_side() =>
        Gen.Select(Gen.Int[5, 20], Gen.Int[5, 20], Gen.Int[1, 4], Gen.Int[1, 4], Gen.Bool)
            .Sample((inputs, outputs, rank, samples, weightIsRight) =>
            {
                int[] tail = weightIsRight ? [samples, inputs] : [inputs, samples];
                int[] x = rank == 1 ? [inputs] : [.. Enumerable.Repeat(2, rank - 2), .. tail];
                int[] weight = weightIsRight ? [inputs, outputs] : [outputs, inputs];
                var model = new GraphBuilder().Input("x", x).Constant("w", LowRank.Matrix(weight[0], weight[1], 2), weight)
                    .Node("MatMul", weightIsRight ? ["x", "w"] : ["w", "x"], "y").Output("y").Build();
                AssertKept(model, LowRank.Rank(2), x);
            }, iter: 40, threads: 1);

    [Fact]
    public void Full_rank_reproduces_the_matrix()
    {
        foreach (var (rows, columns) in new[] { (7, 7), (3, 20), (20, 3), (1, 5) })
        {
            var weight = new GraphBuilder().Normal(rows * columns);
            var (left, right) = new TruncatedSvd(Matrix.Of(weight, rows, columns)).Factors(Math.Min(rows, columns));

            Assert.True(Ort.RelativeDifference(weight, left.Times(right).ToFloats()) < 1e-6);
        }
    }

    [Fact]
    public void Energy_finds_the_true_rank_of_a_matrix()
    {
        var model = new GraphBuilder().Input("x", -1, 48).Constant("w", LowRank.Matrix(48, 40, 11), 48, 40).Node("MatMul", ["x", "w"], "y").Output("y").Build();

        var change = Assert.Single(LowRank.Apply(new SvdFactorization(), model, LowRank.By(RankRule.Energy, 1 - 1e-9, roundTo: 1)));

        Assert.Equal("energy 100%, round to 1 -> rank 11", change.Settings);
        Assert.Equal("48x40 float32", change.Before!.Form);
        Assert.Equal("48x11 + 11x40 float32", change.After!.Form);
    }

    [Fact]
    public void The_report_counts_what_the_catalogue_counts()
    {
        var model = new GraphBuilder().Input("x", -1, 64).Gemm("x", "y", 64, 96).Output("y").Build();
        var context = LowRank.Context(model, [1, 64]);

        var change = Assert.Single(new SvdFactorization().Apply(model, LowRank.Plan(model, LowRank.By(RankRule.Speedup, 2)), context));

        var after = LayerCatalog.List(model.Graph, context.MeasureShapes(model));
        Assert.Equal("speedup 2 -> rank 16", change.Settings);
        Assert.Equal((64 * 96, after.Sum(layer => layer.Macs), after.Sum(layer => layer.Parameters), after.Sum(layer => layer.Bytes)),
            (change.Before!.Macs, change.After!.Macs, change.After.Parameters, change.After.Bytes));
        Assert.Equal(["/y/svd_in", "/y/svd_out"], after.Select(layer => layer.Name));
        Assert.Null(model.Graph.Initializer("y.weight"));
    }

    [Fact]
    public void Both_factors_are_of_the_same_magnitude()
    {
        var (left, right) = new TruncatedSvd(Matrix.Of(new GraphBuilder().Normal(40 * 30, 100), 40, 30)).Factors(10);

        Assert.Equal(1, left.SquaredNorm / right.SquaredNorm, 9);
    }

    static void AssertKept(Model model, FactorizeSettings settings, int[] shape)
    {
        var input = new Dictionary<string, DataTensor> { ["x"] = DataTensor.Of(new GraphBuilder(seed: 8).Normal(shape.Aggregate(1, (a, b) => a * b)), shape) };
        var expected = Ort.Run(model, input);

        var change = Assert.Single(LowRank.Apply(new SvdFactorization(), model, settings, shape));

        Assert.Null(change.Skipped);
        Assert.Equal(2, model.Graph.Nodes.Count);
        Assert.True(Ort.RelativeDifference(expected, Ort.Run(model, input)) < 1e-5);
    }
}
