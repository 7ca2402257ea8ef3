using Compress.Factorization;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Factorization;

public class LowRankTechniqueTests
{
    [Fact]
    public void A_technique_is_asked_where_a_layers_plan_has_settings_for_it()
    {
        var model = Classifier();
        var plan = LowRank.Plan(model, LowRank.Rank(2));
        var onlyTucker = new ModelPlan([.. plan.Layers.Select(layer => layer with { Svd = null })]);

        Assert.True(new TuckerFactorization().IsAsked(onlyTucker));
        Assert.False(new SvdFactorization().IsAsked(onlyTucker));
        Assert.Empty(new SvdFactorization().Apply(model, onlyTucker, LowRank.Context(model)));
    }

    [Fact]
    public void The_factors_of_one_technique_are_left_alone_by_the_next()
    {
        var model = Classifier();
        var plan = LowRank.Plan(model, LowRank.Rank(2));
        var context = LowRank.Context(model);

        var tucker = new TuckerFactorization().Apply(model, plan, context);
        var svd = new SvdFactorization().Apply(model, plan, context);

        Assert.Equal(["/h", "/y"], tucker.Select(change => change.Layer));
        Assert.Equal(["/y"], svd.Select(change => change.Layer));
        Assert.Equal([null, "tucker treats Conv, and this is Gemm"], tucker.Select(change => change.Skipped));
        Assert.Null(svd[0].Skipped);
    }

    [Fact]
    public void Each_layer_gets_the_error_of_its_own_output()
    {
        var model = Classifier();
        var data = new ArrayDataSet("x", new GraphBuilder(seed: 9).Normal(70 * 16 * 16), [16, 4, 4]);
        var context = LowRank.Context(model, [1, 16, 4, 4], data) with { BatchSize = 3 };
        var before = model.Clone();
        var plan = LowRank.Plan(model, LowRank.Rank(6) with { DataAware = false });

        var change = new SvdFactorization().Apply(model, plan, context)[^1];

        // The first 16 samples count, whatever the size of a batch.
        var batch = data.Read(0, 16);
        var (expected, actual) = (Ort.Run(before, batch), Ort.Run(model, batch));
        Assert.Equal(Math.Sqrt(expected.Zip(actual, (a, b) => Math.Pow(a - b, 2)).Sum() / expected.Sum(a => Math.Pow(a, 2))), change.Error!.Value, 5);
    }

    [Fact]
    public void A_layer_without_a_name_lends_its_outputs_name()
    {
        var model = new GraphBuilder().Input("x", -1, 16).Random("w", 1, 16, 16)
            .Node("MatMul", ["x", "w"], "y", node => node.Proto.Name = "").Output("y").Build();

        LowRank.Apply(new SvdFactorization(), model, LowRank.Rank(2));

        Assert.Equal(["y/svd_in", "y/svd_out"], model.Graph.Nodes.Select(node => node.Name));
        Assert.Equal("y", model.Graph.Nodes[^1].Output());
    }

    [Fact]
    public void Names_that_are_taken_are_evaded()
    {
        var model = new GraphBuilder().Input("x", -1, 16).Random("w", 1, 16, 16).Random("w.svd_in", 1, 16)
            .Node("MatMul", ["x", "w"], "h").Node("Add", ["h", "w.svd_in"], "y", node => node.Proto.Name = "/h/svd_in").Output("y").Build();

        LowRank.Apply(new SvdFactorization(), model, LowRank.Rank(2));

        Assert.Equal(["/h/svd_in_1", "/h/svd_out", "/h/svd_in"], model.Graph.Nodes.Select(node => node.Name));
        Assert.Equal([16, 2], model.Graph.Initializer("w.svd_in_1")!.Shape);
        Assert.Equal([16], model.Graph.Initializer("w.svd_in")!.Shape);
    }

    [Fact]
    public void Progress_is_told_layer_by_layer()
    {
        var model = Classifier();
        var told = new List<StepProgress>();

        new SvdFactorization().Apply(model, LowRank.Plan(model, LowRank.Rank(2)), LowRank.Context(model) with { Progress = new Listener(told) });

        Assert.Equal([new("svd", 0), new("svd", 0.5), new("svd", 1)], told);
    }

    static Model Classifier() => new GraphBuilder().Input("x", -1, 16, 4, 4).Conv("x", "h", 16, 16)
        .Node("Flatten", ["h"], "f").Gemm("f", "y", 256, 16).Output("y").Build();

    sealed class Listener(List<StepProgress> told) : IProgress<StepProgress>
    {
        public void Report(StepProgress value) => told.Add(value);
    }
}
