using Compress.Data;
using Compress.Diagnostics;
using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Pruning;
using Compress.Techniques;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Pruning;

public class CriteriaTests
{
    [Theory]
    [InlineData("Conv")]
    [InlineData("Gemm")]
    [InlineData("MatMul")]
    public void Fpgm_is_the_sum_of_the_distances_to_the_other_filters(string op)
    {
        var builder = new GraphBuilder(seed: 5);
        builder = op switch
        {
            "Conv" => builder.Input("x", 1, 3, 6, 6).Conv("x", "a", 3, 7).Conv("a", "y", 7, 2),
            "Gemm" => builder.Input("x", 1, 9).Gemm("x", "a", 9, 7).Gemm("a", "y", 7, 2),
            _ => builder.Input("x", 1, 9).Random("a.weight", 1, 9, 7).Node("MatMul", ["x", "a.weight"], "a").Gemm("a", "y", 7, 2),
        };
        var model = builder.Output("y").Build();
        var weight = model.Graph.Initializer("a.weight")!;
        var values = weight.Floats().ToArray();
        var filters = Enumerable.Range(0, 7).Select(filter => op == "MatMul"
            ? values.Where((_, i) => i % 7 == filter).ToArray()
            : values.Chunk(values.Length / 7).ElementAt(filter)).ToArray();
        var sums = filters.Select(one => filters.Sum(other => Math.Sqrt(one.Zip(other, (a, b) => Math.Pow((double)a - b, 2)).Sum()))).ToArray();

        var importance = FilterImportance.Of(Free(model).Single(), model.Graph, PruneCriterion.Fpgm);

        for (var i = 0; i < 7; i++)
            Assert.Equal(sums[i] / sums.Average(), importance[i], 9);
    }

    [Fact]
    public void Coupled_layers_count_alike_whatever_the_size_of_their_weights()
    {
        var model = new GraphBuilder(seed: 6).Input("x", 1, 3, 6, 6).Conv("x", "a", 3, 6).Random("c.weight", 100, 6, 3, 1, 1)
            .Node("Conv", ["x", "c.weight"], "c").Node("Add", ["a", "c"], "d").Conv("d", "y", 6, 2).Output("y").Build();
        var norms = new[] { "a.weight", "c.weight" }.Select(name => model.Graph.Initializer(name)!.Floats().ToArray())
            .Select(values => values.Chunk(values.Length / 6).Select(filter => filter.Sum(value => (double)Math.Abs(value))).ToArray()).ToArray();

        var importance = FilterImportance.Of(Free(model).Single(), model.Graph, PruneCriterion.L1);

        for (var i = 0; i < 6; i++)
            Assert.Equal(norms.Average(layer => layer[i] / layer.Average()), importance[i], 6);
        Assert.Equal(1, importance.Average(), 9);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Apoz_counts_the_zeros_behind_the_activation(bool behindAnAddition)
    {
        var builder = new GraphBuilder(seed: 7).Input("x", -1, 3, 6, 6).Conv("x", "a", 3, 8);
        builder = behindAnAddition ? builder.Conv("x", "c", 3, 8).Node("Add", ["a", "c"], "s").Relu("s", "r") : builder.Relu("a", "r");
        var model = builder.Conv("r", "y", 8, 2).Output("y").Build();
        var data = new ArrayDataSet("x", builder.Normal(40 * 108), [3, 6, 6]);
        var context = new CompressionContext(model, data.Read(0, 1), data) { BatchSize = 7 };
        var dependencies = ChannelAnalysis.Find(model.Graph, context.MeasureShapes(model));
        var group = dependencies.Groups.First(group => group.PinnedBy is null);

        var shares = new ZeroShares(model, dependencies, context).Of(group, model.Graph.Nodes[0])!;

        using var tap = TensorTap.Open(model, ["r"], 1);
        using var result = tap.Run(data.Read(0, 40));
        var values = result.Floats("r").ToArray();
        for (var channel = 0; channel < 8; channel++)
            Assert.Equal(values.Where((value, i) => i / 36 % 8 == channel && value != 0).Count() / (40.0 * 36), shares[channel], 9);
        Assert.True(shares.Distinct().Count() > 4);
    }

    [Fact]
    public void The_filters_that_are_most_often_silent_go_by_apoz()
    {
        // Biases decide how often a filter is heard; the loudest weights belong to those that hardly ever are.
        var builder = new GraphBuilder(seed: 8);
        var weights = builder.Normal(6 * 27, 0.1f).Select((value, i) => i / 27 % 2 == 0 ? 3 * value : value).ToArray();
        var model = builder.Input("x", -1, 3, 6, 6).Constant("a.weight", weights, 6, 3, 3, 3).Constant("a.bias", [-3f, 0.5f, -3, 0.5f, -3, 0.5f])
            .Node("Conv", ["x", "a.weight", "a.bias"], "a", node => node.With("pads", 1, 1, 1, 1)).Relu("a", "r").Conv("r", "y", 6, 2).Output("y").Build();
        var data = new ArrayDataSet("x", builder.Normal(16 * 108), [3, 6, 6]);

        Prune(model, new PruneSettings(0.5, PruneCriterion.Apoz, Reconstruct: false), data);

        Assert.Equal([0.5f, 0.5f, 0.5f], model.Graph.Initializer("a.bias")!.Floats().ToArray());
    }

    [Fact]
    public void Apoz_needs_an_activation_that_gives_zeros()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 6, 6).Conv("x", "a", 3, 6).Node("Tanh", ["a"], "t").Conv("t", "y", 6, 2).Output("y").Build();

        var changes = Prune(model, new PruneSettings(0.5, PruneCriterion.Apoz), new ArrayDataSet("x", new GraphBuilder().Normal(8 * 108), [3, 6, 6]));

        Assert.Contains(changes, change => change.Skipped == "no activation that gives zeros follows Conv '/a', so that apoz cannot rank its filters");
    }

    [Fact]
    public void By_bn_gamma_the_scale_counts_as_it_was_before_folding()
    {
        using var folder = new TemporaryFolder();
        var model = Normalized();
        model.Save(folder.File("m.onnx"));
        File.WriteAllText(folder.File("p.yaml"), "version: 1\nmodel: m.onnx\nlayers:\n  - match: /a\n    prune: { filters: 50%, by: bn-gamma }\n");

        var result = Compression.Run(new CompressionRequest(folder.File("p.yaml")));

        Assert.True(result.Outcome == Outcome.Done, string.Join("\n", result.Report.Diagnostics));
        var graph = Model.Load(result.OutputPath!).Graph;
        Assert.Equal(["Conv", "Relu", "Conv"], graph.Nodes.Select(node => node.OpType));
        var mean = model.Graph.Initializer("mean")!.Floats().ToArray();
        var bias = graph.Initializer(graph.Nodes[0].Input(2))!.Floats().ToArray();
        Assert.Equal(2 - (2 * mean[1] / Math.Sqrt(9 + 1e-5)), bias[0], 1e-4);
        Assert.Equal(3 + (3 * mean[2] / Math.Sqrt(9 + 1e-5)), bias[1], 1e-4);
    }

    [Fact]
    public void By_bn_gamma_a_normalization_that_was_not_folded_counts_too()
    {
        var model = Normalized();

        Prune(model, new PruneSettings(0.5, PruneCriterion.BatchNormGamma), null);

        Assert.Equal([2f, -3], model.Graph.Initializer("gamma")!.Floats().ToArray());
    }

    [Fact]
    public void A_layer_without_batch_normalization_is_named()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 6, 6).Conv("x", "a", 3, 6).Relu("a", "r").Conv("r", "y", 6, 2).Output("y").Build();

        Assert.Contains(Prune(model.Clone(), new PruneSettings(0.5, PruneCriterion.BatchNormGamma), null),
            change => change.Skipped == "no BatchNormalization follows Conv '/a', so that its filters have no gamma to be ranked by");
        var error = Assert.Throws<CompressException>(() => Prune(model, new PruneSettings(0.5, PruneCriterion.BatchNormGamma), null, byName: "/a"));
        Assert.Equal("CMP4001", Assert.Single(error.Diagnostics).Code);
    }

    [Fact]
    public void Chance_depends_on_the_seed_alone()
    {
        float[] Kept(int seed)
        {
            var model = new GraphBuilder().Input("x", -1, 3, 6, 6).Conv("x", "a", 3, 32).Relu("a", "r").Conv("r", "y", 32, 2).Output("y").Build();
            Prune(model, new PruneSettings(0.5, PruneCriterion.Random), null, seed: seed);
            return model.Graph.Initializer("a.bias")!.Floats().ToArray();
        }

        Assert.Equal(Kept(1), Kept(1));
        Assert.NotEqual(Kept(1), Kept(2));
        Assert.Equal(16, Kept(1).Length);
    }

    [Theory]
    [InlineData(PruneCriterion.Apoz, null, "by: apoz")]
    [InlineData(PruneCriterion.Lasso, 0.5, "by: lasso")]
    public void Criteria_that_look_at_data_need_some(PruneCriterion by, double? channels, string said)
    {
        var model = new GraphBuilder().Input("x", -1, 3, 6, 6).Conv("x", "a", 3, 6).Relu("a", "r").Conv("r", "y", 6, 2).Output("y").Build();
        var settings = new PruneSettings(channels is null ? 0.5 : 0, by, Channels: channels);
        var plan = Plan(model, settings, null);

        var foreseen = Assert.Single(new FilterPruning().Foresee(model, plan, hasCalibration: false));
        var found = Assert.Single(Assert.Throws<CompressException>(() => Prune(model, settings, null)).Diagnostics);

        Assert.Equal(("CMP3007", $"'{said}' needs calibration data; name some under 'data: calibration'"), (foreseen.Code, foreseen.Message));
        Assert.Equal(foreseen, found);
        Assert.Empty(new FilterPruning().Foresee(model, plan, hasCalibration: true));
    }

    [Fact]
    public void In_global_scope_the_share_goes_where_filters_matter_least()
    {
        // Half of the filters of the second layer are next to nothing; those of the first are all alike.
        var builder = new GraphBuilder(seed: 4);
        var model = builder.Input("x", -1, 3, 6, 6).Constant("a.weight", [.. Enumerable.Repeat(0.1f, 8 * 27)], 8, 3, 3, 3).Node("Conv", ["x", "a.weight"], "a").Relu("a", "r")
            .Constant("b.weight", [.. Enumerable.Range(0, 8 * 32).Select(i => i / 32 % 2 == 0 ? 1e-4f : 1f)], 8, 8, 2, 2).Node("Conv", ["r", "b.weight"], "b").Relu("b", "s")
            .Conv("s", "y", 8, 2, kernel: 1).Output("y").Build();

        Prune(model, new PruneSettings(0.25, Scope: PruneScope.Global), null);

        Assert.Equal((8, 4), (Filters(model, "a"), Filters(model, "b")));
        Assert.All(model.Graph.Initializer("b.weight")!.Floats().ToArray(), value => Assert.Equal(1, value));
    }

    [Theory]
    [InlineData(0.999, 1, 1, 1)]
    [InlineData(0.999, 1, 3, 3)]
    [InlineData(0.6, 4, 1, 4)]
    public void Global_scope_empties_no_layer_and_obeys_floors_and_rounding(double share, int roundTo, int keepAtLeast, int least)
    {
        // Everything in the first layer is weaker than anything in the second.
        var model = new GraphBuilder(seed: 4).Input("x", -1, 3, 6, 6).Conv("x", "a", 3, 8).Relu("a", "r").Conv("r", "b", 8, 12).Relu("b", "s").Conv("s", "y", 12, 2).Output("y").Build();

        Prune(model, new PruneSettings(share, RoundTo: roundTo, KeepAtLeast: keepAtLeast, Scope: PruneScope.Global), null);

        foreach (var layer in new[] { "a", "b" })
        {
            Assert.InRange(Filters(model, layer), least, 12);
            Assert.Equal(0, Filters(model, layer) % roundTo);
        }

        Assert.All(Ort.Run(model, Samples.For(model), "y"), value => Assert.True(float.IsFinite(value)));
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.5)]
    public void Global_scope_takes_the_share_of_all_filters(double share)
    {
        var model = new GraphBuilder(seed: 4).Input("x", -1, 3, 6, 6).Conv("x", "a", 3, 16).Relu("a", "r").Conv("r", "b", 16, 24).Relu("b", "s").Conv("s", "y", 24, 2).Output("y").Build();

        Prune(model, new PruneSettings(share, Scope: PruneScope.Global), null);

        Assert.Equal(40 - (int)(40 * share), Filters(model, "a") + Filters(model, "b"));
    }

    static int Filters(Model model, string layer) => model.Graph.Initializer(layer + ".weight")!.Shape[0];

    static IEnumerable<ChannelGroup> Free(Model model) =>
        ChannelAnalysis.Find(model.Graph, ShapeTrace.Run(model, Samples.For(model), threads: 1)).Groups.Where(group => group.PinnedBy is null);

    /// <summary>Small variances make the folded filters of small gamma the loudest.</summary>
    static Model Normalized() => new GraphBuilder(seed: 9).Input("x", -1, 3, 6, 6).Conv("x", "a", 3, 4, bias: false)
        .Constant("gamma", [0.1f, 2, -3, -0.2f]).Constant("beta", [1f, 2, 3, 4]).Random("mean", 0.1f, 4).Constant("variance", [1e-4f, 9, 9, 1e-4f])
        .Node("BatchNormalization", ["a", "gamma", "beta", "mean", "variance"], "b").Relu("b", "r").Conv("r", "y", 4, 2).Output("y").Build();

    static ModelPlan Plan(Model model, PruneSettings settings, string? byName) => new([.. LayerCatalog.List(model.Graph, TensorShapes.None)
        .Select(layer => new LayerPlan(layer, (byName ?? layer.Name) == layer.Name ? new Planned<PruneSettings>(settings, new SourcePosition("p.yaml", 3, 5), byName is not null) : null))]);

    static IReadOnlyList<LayerChange> Prune(Model model, PruneSettings settings, DataSet? data, string? byName = null, int seed = 0) =>
        new FilterPruning().Apply(model, Plan(model, settings, byName), new CompressionContext(model.Clone(), Samples.For(model), data) { Seed = seed });
}
