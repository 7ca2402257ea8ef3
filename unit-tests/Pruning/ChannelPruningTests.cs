using Compress.Data;
using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Pruning;
using Compress.Techniques;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Pruning;

public class ChannelPruningTests
{
    static readonly PruneSettings Half = new(0, PruneCriterion.Lasso, Reconstruct: false, Channels: 0.5);

    public static TheoryData<string> Families => [.. RandomNetwork.Families.Keys];

    [Theory]
    [InlineData("Conv")]
    [InlineData("Gemm")]
    public void Lasso_keeps_the_channels_that_say_something(string reader)
    {
        // Filters 1, 3, 5, 7 are silent, and nothing in the reader's weights tells.
        var builder = new GraphBuilder(seed: 3);
        var filters = builder.Normal(8 * 27, 0.3f).Select((value, i) => i / 27 % 2 == 0 ? value : 0).ToArray();
        builder.Input("x", -1, 3, 4, 4).Constant("a.weight", filters, 8, 3, 3, 3).Node("Conv", ["x", "a.weight"], "a", node => node.With("pads", 1, 1, 1, 1)).Relu("a", "r");
        var model = (reader == "Conv" ? builder.Conv("r", "y", 8, 4) : builder.Node("Flatten", ["r"], "f").Gemm("f", "y", 128, 4)).Output("y").Build();
        var data = new ArrayDataSet("x", builder.Normal(128 * 48), [3, 4, 4]);
        var expected = Ort.Run(model.Clone(), data.Read(0, 8), "y");

        var changes = Prune(model, Half, data);

        Assert.Equal(4, model.Graph.Initializer("a.weight")!.Shape[0]);
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, data.Read(0, 8), "y")), 0, 1e-5);
        Assert.Equal("channels 50% by lasso, no reconstruction -> 4 of 8", changes.Single(change => change.Layer == "/y").Settings);
        Assert.Equal("filters follow their readers", changes.Single(change => change is { Layer: "/a", Skipped: null }).Settings);
    }

    [Fact]
    public void Of_repeated_channels_lasso_keeps_the_stronger_and_the_refit_makes_up_for_the_others()
    {
        var builder = new GraphBuilder(seed: 3);
        var half = builder.Normal(4 * 27, 0.3f);
        var read = builder.Normal(4 * 4 * 9, 0.3f).Chunk(36).SelectMany(filter => (float[])[.. filter, .. filter]).ToArray();
        var model = builder.Input("x", -1, 3, 8, 8).Constant("a.weight", [.. half.Select(value => value / 2), .. half], 8, 3, 3, 3)
            .Node("Conv", ["x", "a.weight"], "a", node => node.With("pads", 1, 1, 1, 1)).Relu("a", "r").Constant("y.weight", read, 4, 8, 3, 3)
            .Node("Conv", ["r", "y.weight"], "y", node => node.With("pads", 1, 1, 1, 1)).Output("y").Build();
        var data = new ArrayDataSet("x", builder.Normal(64 * 192), [3, 8, 8]);
        var expected = Ort.Run(model.Clone(), data.Read(0, 4), "y");

        var change = Prune(model, Half with { Reconstruct = null }, data).Single(change => change.Layer == "/y");

        Assert.Equal(half, model.Graph.Initializer("a.weight")!.Floats().ToArray());
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, data.Read(0, 4), "y")), 0, 2e-3);
        // What is missing is a third of the output.
        Assert.Equal(1 / 3.0, change.ErrorBefore!.Value, 0.02);
        Assert.InRange(change.Error!.Value, 0, 2e-3);
    }

    [Theory]
    [InlineData(PruneCriterion.L1, 1)]
    [InlineData(PruneCriterion.L2, 0)]
    public void By_a_norm_the_weights_that_read_a_channel_count(PruneCriterion by, int kept)
    {
        // Channel 0 is read with the greater square, channel 1 with the greater sum.
        var model = new GraphBuilder().Input("x", 1, 3, 4, 4).Conv("x", "a", 3, 2).Constant("y.weight", [2f, 1.2f, 0f, 1.2f], 2, 2, 1, 1)
            .Node("Conv", ["a", "y.weight"], "y").Output("y").Build();
        var bias = model.Graph.Initializer("a.bias")!.Floats().ToArray();

        Prune(model, new PruneSettings(0, by, Channels: 0.5), null);

        Assert.Equal([bias[kept]], model.Graph.Initializer("a.bias")!.Floats().ToArray());
    }

    [Fact]
    public void Layers_that_read_the_same_channels_choose_together()
    {
        // Each reader alone would do with a half of its own; they need the first four of six between them.
        var builder = new GraphBuilder(seed: 3).Input("x", -1, 3, 6, 6).Conv("x", "a", 3, 6).Relu("a", "r");
        float[] Read(params int[] channels) => [.. builder.Normal(4 * 6 * 9, 0.3f).Select((value, i) => channels.Contains(i / 9 % 6) ? value : 0)];
        var model = builder.Constant("b.weight", Read(0, 2), 4, 6, 3, 3).Node("Conv", ["r", "b.weight"], "b")
            .Constant("c.weight", [.. Read(3, 5).Select(value => value / 100)], 4, 6, 3, 3).Node("Conv", ["r", "c.weight"], "c").Node("Concat", ["b", "c"], "y", node => node.With("axis", 1)).Output("y").Build();
        var data = new ArrayDataSet("x", builder.Normal(64 * 108), [3, 6, 6]);
        var expected = Ort.Run(model.Clone(), data.Read(0, 4), "y");

        Prune(model, Half with { Channels = 1 / 3.0 }, data);

        Assert.Equal(4, model.Graph.Initializer("a.weight")!.Shape[0]);
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, data.Read(0, 4), "y")), 0, 1e-5);
    }

    [Fact]
    public void Channels_that_another_layer_reads_too_stay_unless_it_is_asked_as_well()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 6, 6).Conv("x", "a", 3, 6).Conv("a", "b", 6, 4).Conv("a", "c", 6, 4).Node("Add", ["b", "c"], "y").Output("y").Build();

        var change = Assert.Single(Prune(model.Clone(), new PruneSettings(0, Channels: 0.5), null, only: "/b"));

        Assert.Equal("its input channels are read by Conv '/c' too, of which no rule prunes channels; match that layer as well", change.Skipped);
        Prune(model, new PruneSettings(0, Channels: 0.5), null);
        Assert.Equal(3, model.Graph.Initializer("a.weight")!.Shape[0]);
    }

    [Fact]
    public void Layers_without_channels_to_choose_from_say_so()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 6, 6).Conv("x", "a", 3, 6).Node("Softmax", ["a"], "s", node => node.With("axis", 1)).Conv("s", "y", 6, 2).Output("y").Build();

        var changes = Prune(model, new PruneSettings(0, Channels: 0.5), null);

        Assert.Equal("no layer that can be followed makes its input channels", changes.Single(change => change.Layer == "/a").Skipped);
        Assert.Contains("Softmax '/s'", changes.Single(change => change.Layer == "/y").Skipped, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_whose_inputs_cannot_be_sampled_says_so()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 6, 6).Conv("x", "a", 3, 6).Conv("a", "y", 6, 4, group: 2).Output("y").Build();

        var changes = Prune(model, Half, new ArrayDataSet("x", new GraphBuilder().Normal(8 * 108), [3, 6, 6]));

        Assert.StartsWith("the inputs of Conv '/y' cannot be sampled", changes.Single(change => change.Layer == "/y").Skipped, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.999, 1)]
    [InlineData(0.01, 6)]
    [InlineData(0, 6)]
    public void At_the_extremes_one_channel_stays_or_all_do(double share, int kept)
    {
        var model = new GraphBuilder().Input("x", -1, 3, 6, 6).Conv("x", "a", 3, 6).Relu("a", "r").Conv("r", "y", 6, 2).Output("y").Build();
        var data = new ArrayDataSet("x", new GraphBuilder().Normal(8 * 108), [3, 6, 6]);

        Prune(model, Half with { Channels = share }, data);

        Assert.Equal(kept, model.Graph.Initializer("a.weight")!.Shape[0]);
        Assert.All(Ort.Run(model, data.Read(0, 2), "y"), value => Assert.True(float.IsFinite(value)));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1e30f)]
    public void Data_that_says_nothing_or_too_much_still_gives_a_model_or_a_reason(float value)
    {
        var model = new GraphBuilder().Input("x", -1, 3, 6, 6).Conv("x", "a", 3, 6, bias: false).Node("Mul", ["a", "a"], "m").Conv("m", "y", 6, 2).Output("y").Build();
        var data = new ArrayDataSet("x", [.. Enumerable.Repeat(value, 8 * 108)], [3, 6, 6]);

        var changes = Prune(model, Half, data);

        Assert.Equal(value == 0 ? 3 : 6, model.Graph.Initializer("a.weight")!.Shape[0]);
        Assert.Contains(changes, change => change.Layer == "/y" && change.Skipped == (value == 0 ? null : "the inputs of Conv '/y' are not finite on calibration data"));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Whatever_the_network_the_result_runs(string family)
    {
        foreach (var (seed, settings) in new[]
        {
            new PruneSettings(0, PruneCriterion.Lasso, Channels: 0.4), new PruneSettings(0.4, PruneCriterion.Apoz), new PruneSettings(0.95, PruneCriterion.Fpgm, Scope: PruneScope.Global),
        }.Index())
        {
            var model = RandomNetwork.Families[family](seed + 1);
            var sample = Samples.For(model);

            Prune(model, settings, new OneSample(sample));

            Assert.All(Ort.Run(model, sample), value => Assert.True(float.IsFinite(value)));
        }
    }

    static IReadOnlyList<LayerChange> Prune(Model model, PruneSettings settings, DataSet? data, string? only = null)
    {
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None)
            .Select(layer => new LayerPlan(layer, (only ?? layer.Name) == layer.Name ? new Planned<PruneSettings>(settings, new SourcePosition("p.yaml", 3, 5), false) : null))]);
        return new FilterPruning().Apply(model, plan, new CompressionContext(model.Clone(), Samples.For(model), data));
    }

    sealed class OneSample(IReadOnlyDictionary<string, DataTensor> sample) : DataSet
    {
        public override int Count => 1;

        public override IReadOnlyList<int>? Labels => null;

        public override IReadOnlyDictionary<string, DataTensor> Read(int start, int count) => sample;
    }
}
