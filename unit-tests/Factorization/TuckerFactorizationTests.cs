using Compress.Factorization;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Factorization;

public class TuckerFactorizationTests
{
    [Fact]
    public void Convolutions_over_one_axis_and_over_three_are_treated_too()
    {
        foreach (var axes in new[] { 1, 3 })
        {
            var kernel = Enumerable.Repeat(3, axes).ToArray();
            var positions = (int)Math.Pow(3, axes);
            var model = new GraphBuilder().Input("x", [-1, 16, .. Enumerable.Repeat(6, axes)])
                .Constant("w", LowRank.Kernel(16, 16, positions, 4, 4), [16, 16, .. kernel]).Node("Conv", ["x", "w"], "y").Output("y").Build();
            int[] shape = [1, 16, .. Enumerable.Repeat(6, axes)];
            var input = new GraphBuilder(seed: 3).Normal(shape.Aggregate((a, b) => a * b));
            var expected = Ort.Run(model, "x", input, shape);

            LowRank.Apply(new TuckerFactorization(), model, LowRank.Rank(4), shape, byName: true);

            Assert.Equal(3, model.Graph.Nodes.Count);
            Assert.True(Ort.RelativeDifference(expected, Ort.Run(model, "x", input, shape)) < 1e-5);
        }
    }

    [Theory]
    [InlineData(32, 24, 8, 16)]
    [InlineData(24, 32, 5, 3)]
    public void Energy_finds_the_true_rank_of_a_kernel(int outputs, int inputs, int inputRank, int outputRank)
    {
        var model = new GraphBuilder().Input("x", -1, inputs, 8, 8)
            .Constant("w", LowRank.Kernel(outputs, inputs, 9, inputRank, outputRank), outputs, inputs, 3, 3).Node("Conv", ["x", "w"], "y").Output("y").Build();
        var input = new GraphBuilder(seed: 3).Normal(inputs * 64);
        var expected = Ort.Run(model, "x", input, 1, inputs, 8, 8);

        var change = Assert.Single(LowRank.Apply(new TuckerFactorization(), model, LowRank.By(RankRule.Energy, 1 - 1e-9, roundTo: 1), [1, inputs, 8, 8]));

        Assert.EndsWith($"-> ranks {inputRank}, {outputRank}", change.Settings);
        Assert.True(change.Error < 1e-6);
        Assert.True(Ort.RelativeDifference(expected, Ort.Run(model, "x", input, 1, inputs, 8, 8)) < 1e-5);
    }

    [Fact]
    public void A_layer_of_few_input_channels_keeps_its_input_mode_whole()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "y", 3, 64, 7).Output("y").Build();

        var change = Assert.Single(LowRank.Apply(new TuckerFactorization(), model, LowRank.Rank(16), [1, 3, 8, 8]));

        Assert.Equal("rank 16", change.Settings);
        Assert.Equal("16x3x7x7 + 64x16x1x1 float32", change.After!.Form);
        Assert.Equal(["/y/tucker_core", "/y/tucker_out"], model.Graph.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void The_report_counts_what_the_catalogue_counts()
    {
        var model = new GraphBuilder().Input("x", -1, 32, 9, 9).Conv("x", "h", 32, 64, stride: 2).Relu("h", "y").Output("y").Build();
        var context = LowRank.Context(model, [1, 32, 9, 9]);
        var before = Assert.Single(LayerCatalog.List(model.Graph, context.MeasureShapes(model)));

        var change = Assert.Single(new TuckerFactorization().Apply(model, LowRank.Plan(model, LowRank.By(RankRule.Speedup, 2)), context));

        var after = LayerCatalog.List(model.Graph, context.MeasureShapes(model));
        Assert.Equal(("64x32x3x3 float32", before.Macs, before.Parameters, before.Bytes),
            (change.Before!.Form, change.Before.Macs, change.Before.Parameters, change.Before.Bytes));
        Assert.Equal((after.Sum(layer => layer.Macs), after.Sum(layer => layer.Parameters), after.Sum(layer => layer.Bytes)),
            (change.After!.Macs, change.After.Parameters, change.After.Bytes));
        Assert.True(2 * change.After.Macs <= change.Before.Macs);
        Assert.Equal("h", Assert.Single(model.Graph.Nodes, node => node.Is("Relu")).Input(0));
    }

    [Fact]
    public void The_error_is_that_of_the_output_where_there_is_calibration_data()
    {
        var model = new GraphBuilder().Input("x", -1, 16, 8, 8).Conv("x", "y", 16, 16).Output("y").Build();
        var data = new ArrayDataSet("x", new GraphBuilder(seed: 9).Normal(5 * 16 * 64), [16, 8, 8]);
        var batch = data.Read(0, 5);
        var expected = Ort.Run(model, batch);

        var change = Assert.Single(LowRank.Apply(new TuckerFactorization(), model, LowRank.Rank(8) with { DataAware = false }, [1, 16, 8, 8], calibration: data));

        var actual = Ort.Run(model, batch);
        var difference = Math.Sqrt(expected.Zip(actual, (a, b) => Math.Pow(a - b, 2)).Sum() / expected.Sum(a => Math.Pow(a, 2)));
        Assert.Equal(difference, change.Error!.Value, 5);
    }

    [Fact]
    public void The_factors_inherit_the_layers_plan_and_the_old_weight_goes()
    {
        var model = new GraphBuilder().Input("x", -1, 16, 8, 8).Conv("x", "y", 16, 16).Output("y").Build();
        var plan = LowRank.Plan(model, LowRank.Rank(4));

        new TuckerFactorization().Apply(model, plan, LowRank.Context(model));

        var left = plan.Layers[0] with { Tucker = null, Cp = null, Svd = null };
        Assert.All(model.Graph.Nodes, node => Assert.Equal(left, plan.Of(node)));
        Assert.Null(model.Graph.Initializer("y.weight"));
        Assert.Equal(["y.bias", "y.weight.tucker_core", "y.weight.tucker_in", "y.weight.tucker_out"],
            model.Graph.Initializers.Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_weight_that_another_layer_shares_stays_for_that_layer()
    {
        var model = new GraphBuilder().Input("x", -1, 16, 8, 8).Conv("x", "h", 16, 16, bias: false)
            .Node("Conv", ["h", "h.weight"], "y", node => node.With("pads", 1, 1, 1, 1)).Output("y").Build();
        var plan = LowRank.Plan(model, LowRank.Rank(4));
        var only = new ModelPlan([plan.Layers[0]]);

        new TuckerFactorization().Apply(model, only, LowRank.Context(model));

        Assert.Equal("h.weight", model.Graph.Producer("y")!.Input(1));
        Assert.Equal([16, 16, 3, 3], model.Graph.Initializer("h.weight")!.Shape);
    }

    [Fact]
    public void The_same_model_gives_the_same_bytes()
    {
        var models = Enumerable.Range(0, 2).Select(_ =>
        {
            var model = new GraphBuilder().Input("x", -1, 24, 8, 8).Conv("x", "y", 24, 32).Output("y").Build();
            LowRank.Apply(new TuckerFactorization(), model, LowRank.By(RankRule.Speedup, 2));
            return model.ToBytes();
        }).ToList();

        Assert.Equal(models[0], models[1]);
    }

    [Fact]
    public void A_cancelled_run_stops()
    {
        var model = new GraphBuilder().Input("x", -1, 16, 8, 8).Conv("x", "y", 16, 16).Output("y").Build();
        var context = LowRank.Context(model) with { Cancellation = new CancellationToken(canceled: true) };

        Assert.ThrowsAny<OperationCanceledException>(() => new TuckerFactorization().Apply(model, LowRank.Plan(model, LowRank.Rank(4)), context));
    }
}
