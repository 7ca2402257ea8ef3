using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Pruning;
using Compress.Regression;
using Compress.Techniques;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Pruning;

public class FilterPruningTests
{
    static readonly SourcePosition Somewhere = new("compress.yaml", 3, 5);

    [Fact]
    public void A_chain_gives_what_the_original_gives_with_those_filters_silenced() => AssertEqualsSilenced(
        new GraphBuilder().Input("x", 1, 3, 8, 8).Conv("x", "a", 3, 8).Relu("a", "b").Conv("b", "y", 8, 4).Output("y").Build(), 0.5, "y");

    [Fact]
    public void A_residual_add_prunes_both_branches_together()
    {
        var model = new GraphBuilder().Input("x", 1, 3, 8, 8).Conv("x", "a", 3, 8).Relu("a", "b").Conv("b", "c", 8, 8)
            .Node("Add", ["b", "c"], "d").Relu("d", "e").Conv("e", "y", 8, 4).Output("y").Build();

        AssertEqualsSilenced(model, 0.25, "y");

        var widths = model.Graph.Nodes.Where(node => node.Is("Conv")).Select(node => model.Graph.Initializer(node.Input(1))!.Shape);
        Assert.Equal([[6, 3, 3, 3], [6, 6, 3, 3], [4, 6, 3, 3]], widths);
    }

    [Fact]
    public void A_flatten_makes_a_block_of_columns_of_each_channel() => AssertEqualsSilenced(
        new GraphBuilder().Input("x", 1, 3, 8, 8).Conv("x", "a", 3, 8).Node("MaxPool", ["a"], "p", node => node.With("kernel_shape", 2, 2).With("strides", 2, 2))
            .Node("Flatten", ["p"], "f").Gemm("f", "g", 8 * 16, 12).Relu("g", "h").Gemm("h", "y", 12, 5).Output("y").Build(), 0.5, "y");

    [Fact]
    public void A_reshape_with_a_written_size_is_given_the_new_one() => AssertEqualsSilenced(
        new GraphBuilder().Input("x", 1, 3, 4, 4).Conv("x", "a", 3, 8).Constant("size", [1L, 128L])
            .Node("Reshape", ["a", "size"], "f").Gemm("f", "y", 8 * 16, 5).Output("y").Build(), 0.5, "y");

    [Fact]
    public void Depthwise_filters_follow_the_channels_they_filter() => AssertEqualsSilenced(
        new GraphBuilder().Input("x", 1, 3, 8, 8).Conv("x", "a", 3, 8).Conv("a", "d", 8, 8, group: 8).Conv("d", "y", 8, 4, kernel: 1).Output("y").Build(), 0.5, "y");

    [Fact]
    public void Squeeze_and_excitation_goes_with_what_it_scales() => AssertEqualsSilenced(
        new GraphBuilder().Input("x", 1, 3, 8, 8).Conv("x", "a", 3, 8).Node("GlobalAveragePool", ["a"], "p").Conv("p", "s", 8, 8, kernel: 1)
            .Node("Sigmoid", ["s"], "g").Node("Mul", ["a", "g"], "m").Conv("m", "y", 8, 4).Output("y").Build(), 0.5, "y");

    [Fact]
    public void A_constant_for_each_channel_rides_along() => AssertEqualsSilenced(
        new GraphBuilder().Input("x", 1, 3, 8, 8).Conv("x", "a", 3, 8).Random("scale", 1, 8, 1, 1).Node("Mul", ["a", "scale"], "b")
            .Random("slope", 0.2f, 8, 1, 1).Node("PRelu", ["b", "slope"], "c").Conv("c", "y", 8, 4).Output("y").Build(), 0.5, "y");

    [Fact]
    public void Channels_that_reach_a_graph_output_stay()
    {
        var model = new GraphBuilder().Input("x", 1, 3, 8, 8).Conv("x", "y", 3, 8).Output("y").Build();

        var change = Assert.Single(Prune(model, 0.5));

        Assert.Equal("its channels reach the graph output 'y'", change.Skipped);
    }

    [Fact]
    public void An_operator_with_unknown_effect_pins_what_feeds_it()
    {
        var model = new GraphBuilder().Input("x", 1, 3, 8, 8).Conv("x", "a", 3, 8).Node("Softmax", ["a"], "b", node => node.With("axis", 1))
            .Conv("b", "y", 8, 4).Output("y").Build();

        Assert.Contains(Prune(model, 0.5), change => change.Layer == "/a" && change.Skipped!.Contains("Softmax '/b'", StringComparison.Ordinal));
        Assert.Equal([8, 3, 3, 3], model.Graph.Initializer("a.weight")!.Shape);
    }

    [Fact]
    public void A_layer_matched_by_name_that_cannot_be_pruned_is_an_error_at_its_rule()
    {
        var model = new GraphBuilder().Input("x", 1, 3, 8, 8).Conv("x", "y", 3, 8).Output("y").Build();

        var failure = Assert.Throws<CompressException>(() => Prune(model, 0.5, byName: true));

        var diagnostic = Assert.Single(failure.Diagnostics);
        Assert.Equal(("CMP4001", Somewhere), (diagnostic.Code, diagnostic.Position));
    }

    [Fact]
    public void A_partner_that_no_rule_prunes_keeps_its_group_whole()
    {
        var model = new GraphBuilder().Input("x", 1, 3, 8, 8).Conv("x", "a", 3, 8).Conv("a", "c", 8, 8).Node("Add", ["a", "c"], "d")
            .Conv("d", "y", 8, 4).Output("y").Build();

        var changes = Prune(model, 0.5, only: "/a");

        Assert.Contains("coupled to those of Conv '/c'", Assert.Single(changes).Skipped);
    }

    [Theory]
    [InlineData(0.999, 1, 1, 1)]
    [InlineData(0.5, 3, 1, 6)]
    [InlineData(0.9, 1, 4, 4)]
    [InlineData(0.25, 8, 1, 8)]
    public void The_number_of_filters_kept_obeys_rounding_and_the_floor(double share, int roundTo, int keepAtLeast, int kept)
    {
        var model = new GraphBuilder().Input("x", 1, 3, 8, 8).Conv("x", "a", 3, 8).Conv("a", "y", 8, 4).Output("y").Build();

        Apply(model, new PruneSettings(share, RoundTo: roundTo, KeepAtLeast: keepAtLeast), null, byName: false);

        Assert.Equal(kept, model.Graph.Initializer("a.weight")!.Shape[0]);
    }

    [Theory]
    [InlineData(PruneCriterion.L1, 1)]
    [InlineData(PruneCriterion.L2, 0)]
    public void The_weakest_filter_by_the_chosen_norm_goes(PruneCriterion by, int kept)
    {
        // Filter 0 has the greater square, filter 1 the greater sum.
        var builder = new GraphBuilder().Input("x", 1, 2, 1, 1).Constant("a.weight", [2f, 0f, by == PruneCriterion.L1 ? 1.5f : 1.2f, 1.2f], 2, 2, 1, 1);
        var model = builder.Node("Conv", ["x", "a.weight"], "a").Conv("a", "y", 2, 1, kernel: 1).Output("y").Build();
        var before = model.Graph.Initializer("a.weight")!.Floats().ToArray();

        Apply(model, new PruneSettings(0.5, by), null, byName: false);

        Assert.Equal(before[(2 * kept)..(2 * kept + 2)], model.Graph.Initializer("a.weight")!.Floats().ToArray());
    }

    [Fact]
    public void Where_one_input_repeats_another_the_refit_makes_pruning_exact()
    {
        // The second half of the filters repeats the first, half as strong: the consumer can do without it.
        var builder = new GraphBuilder(seed: 3);
        var half = builder.Normal(4 * 27, 0.3f);
        float[] filters = [.. half, .. half.Select(value => value / 2)];
        var model = builder.Input("x", -1, 3, 8, 8).Constant("a.weight", filters, 8, 3, 3, 3)
            .Node("Conv", ["x", "a.weight"], "a", node => node.With("pads", 1, 1, 1, 1)).Relu("a", "b").Conv("b", "y", 8, 4).Output("y").Build();
        var data = new ArrayDataSet("x", builder.Normal(64 * 192), [3, 8, 8]);
        var input = builder.Normal(192);
        var expected = Ort.Run(model.Clone(), "x", input, 1, 3, 8, 8);
        var pruned = model.Clone();
        Apply(pruned, new PruneSettings(0.5, Reconstruct: false), data, byName: false);
        var without = Ort.RelativeDifference(expected, Ort.Run(pruned, "x", input, 1, 3, 8, 8));

        Apply(model, new PruneSettings(0.5), data, byName: false);

        var with = Ort.RelativeDifference(expected, Ort.Run(model, "x", input, 1, 3, 8, 8));
        Assert.InRange(with, 0, 2e-3);
        Assert.True(without > 50 * with, $"{without} against {with}");
    }

    /// <summary>The layers of a transformer multiply rows of tokens.</summary>
    [Theory]
    [InlineData("MatMul")]
    [InlineData("Conv")]
    public void A_layer_over_the_tokens_of_a_sample_is_refitted_too(string op)
    {
        var builder = new GraphBuilder(seed: 3);
        var half = builder.Normal(4 * 6, 0.3f);
        float[] repeated = [.. half, .. half.Select(value => value / 16)];
        var isConv = op == "Conv";
        var weight = isConv ? repeated : [.. Enumerable.Range(0, 48).Select(i => repeated[(i % 8 * 6) + (i / 8)])];
        int[] shape = isConv ? [6, 10] : [10, 6];
        builder = isConv
            ? builder.Input("x", -1, 6, 10).Constant("a.weight", weight, 8, 6, 1).Node("Conv", ["x", "a.weight"], "a").Relu("a", "b")
                .Random("y.weight", 0.3f, 4, 8, 3).Node("Conv", ["b", "y.weight"], "y", node => node.With("pads", 1, 1))
            : builder.Input("x", -1, 10, 6).Constant("a.weight", weight, 6, 8).Node("MatMul", ["x", "a.weight"], "a").Relu("a", "b")
                .Random("y.weight", 0.3f, 8, 4).Node("MatMul", ["b", "y.weight"], "y");
        var model = builder.Output("y").Build();
        var input = builder.Normal(60);
        var expected = Ort.Run(model.Clone(), "x", input, [1, .. shape]);

        Apply(model, new PruneSettings(0.5), new ArrayDataSet("x", builder.Normal(64 * 60), shape), byName: false);

        Assert.Equal(4, model.Graph.Initializer("a.weight")!.Shape[isConv ? 0 : 1]);
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, "x", input, [1, .. shape])), 0, 2e-3);
    }

    /// <summary>The sum is what is fitted: the second half of the branch's filters repeats the first, and so does the error that the block's second layer is to make up for.</summary>
    [Fact]
    public void Where_a_branch_has_lost_what_the_layer_beside_it_can_give_the_refit_makes_the_sum_exact()
    {
        // The branch b loses what came from the weak half of a; c reads the strong half, from which it can be had.
        var builder = new GraphBuilder(seed: 3);
        var half = builder.Normal(4 * 27, 0.3f);
        float[] filters = [.. half, .. half.Select(value => value / 16)];
        var model = builder.Input("x", -1, 3, 8, 8).Constant("a.weight", filters, 8, 3, 3, 3)
            .Node("Conv", ["x", "a.weight"], "a", node => node.With("pads", 1, 1, 1, 1)).Relu("a", "r")
            .Conv("r", "b", 8, 6, kernel: 1).Relu("b", "br").Conv("r", "c", 8, 6, kernel: 1).Node("Add", ["br", "c"], "y").Output("y").Build();
        var data = new ArrayDataSet("x", builder.Normal(64 * 192), [3, 8, 8]);
        var input = builder.Normal(192);
        var expected = Ort.Run(model.Clone(), "x", input, 1, 3, 8, 8);

        Apply(model, new PruneSettings(0.5), data, byName: false, only: "/a");

        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, "x", input, 1, 3, 8, 8)), 0, 2e-3);
    }

    /// <summary>Twice the samples, half the positions of each.</summary>
    [Fact]
    public void The_rows_of_a_refit_are_no_more_for_more_samples()
    {
        var model = new GraphBuilder(seed: 3).Input("x", -1, 3, 32, 32).Conv("x", "a", 3, 8).Conv("a", "y", 8, 4).Output("y").Build();

        int Rows(int samples)
        {
            var context = new CompressionContext(model, Samples.For(model), new ArrayDataSet("x", new float[samples * 3 * 1024], [3, 32, 32]));
            using var reconstruction = new Reconstruction(model.Clone(), context, [model.Graph.Producer("y")!], _ => null);
            return reconstruction.Collect(model.Graph.Producer("y")!)!.All.Rows;
        }

        Assert.Equal([2048, 2048, 2048], [Rows(16), Rows(64), Rows(256)]);
    }

    [Fact]
    public void A_bias_makes_up_for_filters_that_always_give_the_same()
    {
        // Half of the filters are weak, and lifted high by their biases, of which the second layer loses the effect.
        var builder = new GraphBuilder(seed: 3);
        var model = builder.Input("x", -1, 3, 8, 8)
            .Constant("a.weight", [.. builder.Normal(4 * 27, 0.3f), .. new float[4 * 27]], 8, 3, 3, 3)
            .Constant("a.bias", [0f, 0, 0, 0, 30, 40, 50, 60])
            .Node("Conv", ["x", "a.weight", "a.bias"], "a").Relu("a", "b").Conv("b", "y", 8, 4, kernel: 1).Output("y").Build();
        var input = builder.Normal(192);
        var expected = Ort.Run(model.Clone(), "x", input, 1, 3, 8, 8);

        Apply(model, new PruneSettings(0.5), new ArrayDataSet("x", builder.Normal(64 * 192), [3, 8, 8]), byName: false);

        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, "x", input, 1, 3, 8, 8)), 0, 1e-3);
    }

    [Fact]
    public void The_refit_does_not_depend_on_how_samples_are_batched()
    {
        Model Pruned(int batch)
        {
            var model = new GraphBuilder(seed: 3).Input("x", batch, 3, 8, 8).Conv("x", "a", 3, 8).Relu("a", "b").Conv("b", "c", 8, 8)
                .Node("Add", ["b", "c"], "d").Relu("d", "e").Conv("e", "y", 8, 4).Output("y").Build();
            Apply(model, new PruneSettings(0.25), new ArrayDataSet("x", new GraphBuilder(seed: 5).Normal(40 * 192), [3, 8, 8]), byName: false);
            return model;
        }

        var (together, apart) = (Pruned(-1), Pruned(1));

        foreach (var layer in (string[])["c.weight", "c.bias", "y.weight", "y.bias"])
            Assert.InRange(Ort.RelativeDifference(together.Graph.Initializer(layer)!.Floats(), apart.Graph.Initializer(layer)!.Floats()), 0, 1e-4);
    }

    [Fact]
    public void Asking_for_a_refit_without_data_is_an_error()
    {
        var model = new GraphBuilder().Input("x", 1, 3, 8, 8).Conv("x", "a", 3, 8).Conv("a", "y", 8, 4).Output("y").Build();

        var failure = Assert.Throws<CompressException>(() => Apply(model, new PruneSettings(0.5, Reconstruct: true), null, byName: false));

        Assert.Equal("CMP3007", Assert.Single(failure.Diagnostics).Code);
    }

    [Fact]
    public void An_addend_with_a_number_for_each_row_is_no_part_of_a_group()
    {
        var model = new GraphBuilder().Input("x", 4, 16).Random("w", 0.3f, 16, 4).Random("c", 2, 4, 1).Node("Gemm", ["x", "w", "c"], "a")
            .Gemm("a", "y", 4, 3).Output("y").Build();

        AssertEqualsSilenced(model, 0.5, "y");
    }

    [Fact]
    public void A_whole_matrix_that_is_added_pins_the_layer()
    {
        var model = new GraphBuilder().Input("x", 4, 16).Random("w", 0.3f, 16, 4).Random("c", 2, 4, 4).Node("Gemm", ["x", "w", "c"], "a")
            .Gemm("a", "y", 4, 3).Output("y").Build();

        Assert.All(Prune(model, 0.5), change => Assert.NotNull(change.Skipped));
    }

    [Fact]
    public void The_refit_does_not_take_a_broadcast_addition_for_a_residual_one()
    {
        // A context block: pooled, through two 1x1 layers, added to every position.
        Model Block(bool direct)
        {
            var builder = new GraphBuilder(seed: 3).Input("x", -1, 4, 8, 8).Node("GlobalAveragePool", ["x"], "p").Conv("p", "a", 4, 16, kernel: 1).Relu("a", "b")
                .Conv("b", "c", 16, 4, kernel: 1);
            builder = direct ? builder : builder.Node("Identity", ["c"], "d");
            return builder.Node("Add", ["x", direct ? "c" : "d"], "y").Output("y").Build();
        }

        var data = new ArrayDataSet("x", new GraphBuilder(seed: 5).Normal(64 * 256), [4, 8, 8]);
        var (direct, apart) = (Block(true), Block(false));

        Apply(direct, new PruneSettings(0.5), data, byName: false);
        Apply(apart, new PruneSettings(0.5), data, byName: false);

        Assert.Equal(apart.Graph.Initializer("c.weight")!.Floats().ToArray(), direct.Graph.Initializer("c.weight")!.Floats().ToArray());
    }

    [Fact]
    public void A_refit_that_was_asked_for_and_cannot_be_done_is_a_warning()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Conv("a", "y", 8, 4).Output("y").Build();
        var diagnostics = new DiagnosticBag();

        Apply(model, new PruneSettings(0.5, Reconstruct: true), new ArrayDataSet("x", new GraphBuilder().Normal(3 * 192), [3, 8, 8]), byName: false, diagnostics: diagnostics);

        Assert.Equal("CMP4005", Assert.Single(diagnostics).Code);
    }

    [Theory]
    [InlineData("ConvTranspose")]
    [InlineData("MatMul")]
    [InlineData("Conv")]
    public void A_reader_that_cannot_be_refitted_is_pruned_all_the_same(string reader)
    {
        var builder = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8);
        builder = reader switch
        {
            "ConvTranspose" => builder.Random("w", 0.3f, 8, 4, 2, 2).Node(reader, ["a", "w"], "y"),
            "MatMul" => builder.Node("GlobalAveragePool", ["a"], "p").Node("Squeeze", ["p", "axes"], "s").Constant("axes", [3L]).Random("w", 0.3f, 4, 8).Node(reader, ["w", "s"], "y"),
            _ => builder.Conv("a", "y", 8, 4, group: 2),
        };
        var model = builder.Output("y").Build();
        var data = new ArrayDataSet("x", builder.Normal(16 * 192), [3, 8, 8]);

        var changes = Apply(model, new PruneSettings(0.5), data, byName: false);

        Assert.Contains(changes, change => change is { Layer: "/y", Skipped: null });
        Assert.Equal(4, model.Graph.Initializer("a.weight")!.Shape[0]);
        Assert.All(Ort.Run(model, Samples.For(model), "y"), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Rounding_counts_filters_where_a_channel_has_several()
    {
        // Eight groups of two channels: a channel is eight filters.
        var model = new GraphBuilder().Input("x", 1, 3, 8, 8).Conv("x", "a", 3, 64).Conv("a", "y", 64, 8, group: 8).Output("y").Build();

        Apply(model, new PruneSettings(0.6, RoundTo: 16), null, byName: false);

        Assert.Equal((32, 8), (model.Graph.Initializer("a.weight")!.Shape[0], model.Graph.Initializer("y.weight")!.Shape[0]));
    }

    [Fact]
    public void A_layer_of_several_groups_is_listed_with_the_filters_that_stay_in_all()
    {
        var model = new GraphBuilder().Input("x", 1, 3, 8, 8).Conv("x", "a", 3, 8).Conv("x", "b", 3, 4)
            .Node("Concat", ["a", "b"], "ab", node => node.With("axis", 1)).Conv("x", "c", 3, 12).Node("Add", ["ab", "c"], "d").Conv("d", "y", 12, 4).Output("y").Build();

        var changes = Prune(model, 0.5);

        Assert.EndsWith("-> 6 of 12", changes.Single(change => change.Layer == "/c").Settings);
        Assert.EndsWith("-> 2 of 4", changes.Single(change => change.Layer == "/b").Settings);
    }

    [Fact]
    public void No_part_of_a_tensor_is_left_without_a_channel()
    {
        // All filters of the second part are the weakest.
        var builder = new GraphBuilder();
        float[] weights = [.. builder.Normal(4 * 27), .. builder.Normal(4 * 27, 0.01f)];
        var model = builder.Input("x", 1, 3, 8, 8).Constant("a.weight", weights, 8, 3, 3, 3).Node("Conv", ["x", "a.weight"], "a").Constant("sizes", [4L, 4])
            .Add(Node.Create("Split", "/split", ["a", "sizes"], ["p", "q"]).With("axis", 1)).Conv("p", "pc", 4, 4).Conv("q", "qc", 4, 4).Node("Add", ["pc", "qc"], "y")
            .Output("y").Build();

        Prune(model, 0.5, only: "/a");

        Assert.Equal((3, 1), (model.Graph.Initializer("pc.weight")!.Shape[1], model.Graph.Initializer("qc.weight")!.Shape[1]));
    }

    static IReadOnlyList<LayerChange> Prune(Model model, double share, bool byName = false, string? only = null) =>
        Apply(model, new PruneSettings(share), null, byName, only);

    static IReadOnlyList<LayerChange> Apply(Model model, PruneSettings settings, ArrayDataSet? data, bool byName, string? only = null, DiagnosticBag? diagnostics = null)
    {
        var layers = LayerCatalog.List(model.Graph, TensorShapes.None);
        var plan = new ModelPlan([.. layers.Select(layer => new LayerPlan(layer,
            Prune: only is null || layer.Name == only ? new Planned<PruneSettings>(settings, Somewhere, byName) : null))]);
        return new FilterPruning().Apply(model, plan, new CompressionContext(model.Clone(), Samples.For(model), data) { Diagnostics = diagnostics ?? [] });
    }

    /// <summary>
    /// Pruning must equal the original in which every reader of a group gets zero weights for the channels that went, and all
    /// sizes are as they were: the readers' weights are zeroed by hand and both models run.
    /// </summary>
    static void AssertEqualsSilenced(Model model, double share, string output)
    {
        var graph = model.Graph;
        var sample = Samples.For(model);
        var shapes = new CompressionContext(model, sample, null).MeasureShapes(model);
        var silenced = model.Clone();
        var dependencies = ChannelAnalysis.Find(silenced.Graph, shapes);
        var groups = dependencies.Groups.Where(group => group.PinnedBy is null).ToList();
        Assert.NotEmpty(groups);
        var chosen = ChannelSelection.Choose(dependencies, groups.ToDictionary(group => group, group => (
            FilterImportance.Of(group, silenced.Graph, PruneCriterion.L1), group.Channels - (int)(group.Channels * share))));
        foreach (var (group, kept) in chosen)
        {
            foreach (var reader in group.Consumers)
                Silence(silenced.Graph, reader, kept);
        }

        var expected = Ort.Run(silenced, sample, output);

        Assert.All(Prune(model, share), change => Assert.True(change.Skipped is null or "its channels reach the graph output 'y'", change.Skipped));

        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, sample, output)), 0, 1e-5);
        Assert.True(LayerCatalog.List(graph, TensorShapes.None).Sum(layer => layer.Parameters) < LayerCatalog.List(silenced.Graph, TensorShapes.None).Sum(layer => layer.Parameters));
    }

    static void Silence(Graph graph, ChannelSlice reader, int[] kept)
    {
        var weight = graph.Initializer(reader.Node.Input(reader.Input))!;
        var values = weight.Floats().ToArray();
        var inner = weight.Shape[(reader.Axis + 1)..].Aggregate(1, (a, b) => a * b);
        var gone = reader.Indices.Where((_, channel) => !kept.Contains(channel)).SelectMany(indices => indices).ToHashSet();
        for (var i = 0; i < values.Length; i++)
        {
            if (gone.Contains(i / inner % weight.Shape[reader.Axis]))
                values[i] = 0;
        }

        graph.SetConstant(reader.Node, reader.Input, Tensor.Of<float>(weight.Name, values, weight.Shape));
    }
}
