using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Pruning;
using Compress.Quantization;
using Compress.Techniques;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Pruning;

public class WeightPruningTests
{
    static readonly SourcePosition Somewhere = new("p.yaml", 4, 5);

    public static TheoryData<string> Forms => ["kernel: 2x3", "kernel: 1x1", "pattern: 4", "pattern: 1", "weights: 80%", "weights: 99.9%", "vectors: 50%", "kernels: 50%", "n-m: 2:4"];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Pruning_without_data_gives_what_the_original_gives_with_the_weakest_weights_at_zero(string form)
    {
        var model = Network(kernel: 3);
        var sample = Samples.For(model);
        var masked = model.Clone();
        foreach (var layer in LayerCatalog.List(masked.Graph, TensorShapes.None).Where(layer => layer.Kernel.Length > 0))
            masked.Graph.SetConstant(layer.Node, 1, Mask(layer.Weight, form));
        var expected = Ort.Run(masked, sample);

        var changes = Prune(model, form, only: "Conv");

        Assert.Equal(3, changes.Count);
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, sample)), 0, 1e-5);
        Assert.NotEqual(expected, Ort.Run(Network(kernel: 3), sample));
    }

    [Theory]
    [InlineData("weights: 99.9%")]
    [InlineData("weights: 99.9%, scope: global")]
    [InlineData("vectors: 99%")]
    [InlineData("kernels: 99%")]
    [InlineData("weights: 80%, by: random")]
    public void As_many_weights_go_as_are_asked_for_and_the_file_shrinks(string form)
    {
        var model = Network(kernel: 3);
        var (sample, bytes) = (Samples.For(model), model.ToBytes().Length);
        var shares = form.StartsWith("weights: 80", StringComparison.Ordinal) ? 0.8 : form.StartsWith("weights", StringComparison.Ordinal) ? 0.999 : 0.99;

        var changes = Prune(model, form, only: "Conv");

        var weights = LayerCatalog.List(model.Graph, TensorShapes.None).Where(layer => layer.Kernel.Length > 0).Select(layer => layer.Weight).ToList();
        var zeros = weights.Sum(weight => weight.Floats().ToArray().Count(value => value == 0));
        Assert.InRange(zeros, (shares * weights.Sum(weight => weight.Count)) - (weights.Count * 9), shares * weights.Sum(weight => weight.Count));
        Assert.True(model.ToBytes().Length < bytes);
        Assert.True(Ort.Run(model, sample).All(float.IsFinite));
        Assert.Equal(bytes - model.ToBytes().Length, changes.Sum(change => change.Before!.Bytes - change.After!.Bytes), 200.0);
        Assert.All(changes, change => Assert.Contains("size only: speed does not change", change.Settings));
    }

    [Fact]
    public void A_model_whose_weights_are_all_zero_stays_one()
    {
        var model = new GraphBuilder().Input("x", 1, 4, 6, 6).Constant("w", new float[4 * 4 * 9], 4, 4, 3, 3).Node("Conv", ["x", "w"], "y").Output("y").Build();

        foreach (var form in Forms)
        {
            var pruned = model.Clone();
            Prune(pruned, form.ToString()!);
            Assert.All(Ort.Run(pruned, Samples.For(model)), value => Assert.Equal(0, value));
        }
    }

    [Theory]
    [InlineData("Gemm", true)]
    [InlineData("Gemm", false)]
    [InlineData("MatMul", false)]
    public void Of_every_four_weights_along_the_input_axis_two_stay(string op, bool transposed)
    {
        var builder = new GraphBuilder();
        int[] shape = transposed ? [5, 10] : [10, 5];
        var model = builder.Input("x", 2, 10).Random("w", 1, shape).Node(op, ["x", "w"], "y", node =>
        {
            if (transposed)
                node.With("transB", 1);
        }).Output("y").Build();
        var before = Rows(model.Graph.Initializer("w")!);

        Prune(model, "n-m: 2:4");

        var after = Rows(model.Graph.Initializer("w")!);
        for (var output = 0; output < 5; output++)
        {
            for (var first = 0; first < 10; first += 4)
            {
                var group = Enumerable.Range(first, Math.Min(4, 10 - first)).ToList();
                var strongest = group.OrderByDescending(input => Math.Abs(before[output][input])).Take(2).ToHashSet();
                Assert.All(group, input => Assert.Equal(strongest.Contains(input) ? before[output][input] : 0, after[output][input]));
            }
        }

        float[][] Rows(Tensor weight) => [.. Enumerable.Range(0, 5).Select(output => Enumerable.Range(0, 10)
            .Select(input => weight.Floats()[transposed ? (output * 10) + input : (input * 5) + output]).ToArray())];
    }

    [Fact]
    public void One_threshold_for_all_layers_takes_more_from_the_one_whose_weights_are_mostly_small()
    {
        var builder = new GraphBuilder();
        float[] spiky = [.. Enumerable.Range(0, 400).Select(i => i % 10 == 0 ? 100f : 1f)];
        float[] even = [.. Enumerable.Range(0, 400).Select(i => 0.01f * (1 + (i % 7)))];
        var model = builder.Input("x", 1, 20).Constant("a", spiky, 20, 20).Constant("c", even, 20, 20)
            .Node("MatMul", ["x", "a"], "h").Node("MatMul", ["h", "c"], "y").Output("y").Build();

        Prune(model, "weights: 50%, scope: global");

        // Relative to the layer's mean, the small weights of the first are 0.09, and the least of the second 0.25.
        Assert.Equal(360, Zeros(model, "a"));
        Assert.Equal(40, Zeros(model, "c"));
    }

    [Theory]
    [InlineData("kernel: 2x3", 2 / 3.0)]
    [InlineData("kernel: 1x3", 1 / 3.0)]
    public void The_report_counts_what_the_new_graph_multiplies(string form, double share)
    {
        var model = Network(kernel: 3);

        var change = Assert.Single(Prune(model, form, only: "/c"));

        Assert.Equal(share, (double)change.After!.Macs! / change.Before!.Macs!.Value, 1e-9);
        var layers = LayerCatalog.List(model.Graph, new CompressionContext(model, Samples.For(model), null).MeasureShapes(model));
        Assert.Equal(layers.Single(layer => layer.Name == "/c").Macs, change.After.Macs);
    }

    [Theory]
    [InlineData("kernel: 2x3")]
    [InlineData("pattern: 3")]
    [InlineData("weights: 60%")]
    [InlineData("n-m: 1:4")]
    public void Correction_on_data_brings_the_outputs_nearer_on_samples_that_it_has_not_seen(string form)
    {
        var builder = new GraphBuilder(seed: 3);
        var original = Network(kernel: 3, batch: -1);
        var data = new ArrayDataSet("x", Smooth(builder, 64), [3, 12, 12]);
        var unseen = new Dictionary<string, Compress.Data.DataTensor> { ["x"] = Compress.Data.DataTensor.Of(Smooth(builder, 32), 32, 3, 12, 12) };
        var expected = Ort.Run(original, unseen);
        var (plain, corrected) = (original.Clone(), original.Clone());

        Prune(plain, form + ", reconstruct: false", only: "Conv", data: data);
        var changes = Prune(corrected, form, only: "Conv", data: data);

        Assert.All(changes, change => Assert.Contains("off before the", change.Settings));
        Assert.True(Distance(expected, Ort.Run(corrected, unseen)) < Distance(expected, Ort.Run(plain, unseen)));
    }

    [Fact]
    public void The_error_is_what_the_layer_is_off_by_once_its_bias_is_corrected()
    {
        var model = new GraphBuilder().Input("x", -1, 4, 12, 12).Conv("x", "y", 4, 4, group: 2, bias: false).Output("y").Build();
        var builder = new GraphBuilder(seed: 9);
        var values = Smooth(builder, 32);
        var batch = new Dictionary<string, Compress.Data.DataTensor> { ["x"] = Compress.Data.DataTensor.Of(values, 24, 4, 12, 12) };
        var expected = Ort.Run(model, batch);

        var change = Assert.Single(Prune(model, "weights: 50%", data: new ArrayDataSet("x", values, [4, 12, 12])));

        var actual = Ort.Run(model, batch);
        Assert.Equal(Distance(expected, actual), change.Error!.Value, 1e-4);
        for (var channel = 0; channel < 4; channel++)
            Assert.Equal(0, Enumerable.Range(0, expected.Length).Where(i => i / 144 % 4 == channel).Average(i => (double)expected[i] - actual[i]), 1e-4);
    }

    [Fact]
    public void Zeros_stay_zero_in_int8()
    {
        var model = Network(kernel: 3);
        Prune(model, "weights: 80%", only: "Conv");
        var zeros = LayerCatalog.List(model.Graph, TensorShapes.None)[1].Weight.Floats().ToArray().Select(value => value == 0).ToArray();
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None)
            .Select(layer => new LayerPlan(layer, Quantize: new Planned<QuantizeSettings>(new QuantizeSettings(Activations: false), Somewhere, false)))]);

        new IntegerQuantization().Apply(model, plan, new CompressionContext(model.Clone(), Samples.For(model), null));

        var weight = LayerCatalog.List(model.Graph, TensorShapes.None)[1].Weight;
        Assert.Equal(Compress.Onnx.TensorProto.Types.DataType.Int8, weight.Type);
        Assert.All(zeros.Zip(weight.Values<sbyte>().ToArray()).Where(pair => pair.First), pair => Assert.Equal(0, pair.Second));
        Assert.Empty(model.ToProto().Graph.SparseInitializer);
        Assert.True(Ort.Run(model, Samples.For(model)).All(float.IsFinite));
    }

    [Theory]
    [InlineData("kernel: 4x3", "CMP4003", "'kernel' is 4x3, and the layer's kernel is 3x3")]
    [InlineData("kernel: 3", "CMP4003", "'kernel' has 1 sizes")]
    [InlineData("pattern: 10", "CMP4003", "'pattern' is 10; a 3x3 kernel has 9 positions")]
    public void A_setting_that_is_out_of_a_layers_range_is_an_error_before_anything_is_done(string form, string code, string message)
    {
        var model = Network(kernel: 3);
        var bytes = model.ToBytes();

        var failure = Assert.Throws<CompressException>(() => Prune(model, form, only: "Conv"));

        Assert.All(failure.Diagnostics, diagnostic => Assert.Equal(code, diagnostic.Code));
        Assert.Contains(message, failure.Diagnostics[0].Message);
        Assert.Equal(bytes, model.ToBytes());
    }

    [Theory]
    [InlineData("kernel: 1x1", "a Gemm has no kernel")]
    [InlineData("vectors: 50%", "it has no kernels")]
    public void A_layer_that_a_form_is_not_for_is_skipped_or_an_error_where_it_is_named(string form, string reason)
    {
        var model = new GraphBuilder().Input("x", 1, 8).Gemm("x", "y", 8, 4).Output("y").Build();

        Assert.Contains(reason, Assert.Single(Prune(model, form)).Skipped);
        Assert.Equal("CMP4001", Assert.Throws<CompressException>(() => Prune(model, form, byName: true)).Diagnostics[0].Code);
    }

    [Fact]
    public void A_correction_that_was_asked_for_and_cannot_be_done_is_an_error_without_data_and_a_warning_with_too_few_samples()
    {
        var model = new GraphBuilder().Input("x", -1, 8).Random("w", 1, 8, 4).Node("MatMul", ["x", "w"], "y").Output("y").Build();
        var diagnostics = new DiagnosticBag();

        Assert.Equal("CMP3007", Assert.Throws<CompressException>(() => Prune(model, "weights: 50%, reconstruct: true")).Diagnostics[0].Code);
        Prune(model, "weights: 50%, reconstruct: true", data: new ArrayDataSet("x", new GraphBuilder().Normal(8 * 3), [8]), diagnostics: diagnostics);

        Assert.Equal("CMP4005", Assert.Single(diagnostics).Code);
    }

    [Fact]
    public void Filters_go_before_what_is_left_of_their_weights()
    {
        var model = Network(kernel: 3);
        var rule = PolicyYaml.Rule("prune: { filters: 50%, weights: 75% }");
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => layer.Name != "/a" ? new LayerPlan(layer) : new LayerPlan(layer,
            new Planned<PruneSettings>(rule.Prune!.Settings!, Somewhere, true), PruneWeights: new Planned<WeightPruneSettings>(rule.PruneWeights!.Settings!, Somewhere, true)))]);

        foreach (var technique in Compression.Techniques.Where(technique => technique.Kind == "prune"))
            technique.Apply(model, plan, new CompressionContext(model.Clone(), Samples.For(model), null));

        Assert.Equal([8, 3, 3, 3], model.Graph.Initializer("a.weight")!.Shape);
        Assert.Equal(8 * 27 * 3 / 4, Zeros(model, "a.weight"));
        Assert.True(Ort.Run(model, Samples.For(model)).All(float.IsFinite));
    }

    [Fact]
    public void The_sample_networks_file_shrinks_to_what_is_not_zero()
    {
        using var folder = new TemporaryFolder();
        using var model = Model.Load(Repository.PathOf("samples", "fashion-mnist", "models", "fmnist-lenet.onnx"));
        Compress.Rewriting.Rewriter.Run(model);

        Prune(model, "weights: 80%");
        model.Save(folder.File("out.onnx"));

        // A fifth of the values, of 4 bytes each, with positions of at most 3 bytes.
        Assert.InRange((double)new FileInfo(folder.File("out.onnx")).Length / model.FileBytes, 0.2, 0.2 * 7 / 4 * 1.01);
        using var reread = Model.Load(folder.File("out.onnx"));
        Assert.Equal(Ort.Run(model, Samples.For(model)), Ort.Run(reread, Samples.For(model)));
        Assert.Equal(ModelSize.Parameters(model.Graph), ModelSize.Parameters(reread.Graph));
    }

    [Fact]
    public void A_pattern_on_an_odd_kernel_is_timed_and_the_report_says_what_was_taken()
    {
        var model = Network(kernel: 3);

        var change = Assert.Single(Prune(model, "pattern: 2", only: "/c"));

        Assert.Matches(@"^pattern 2 by l1 -> \(\d,\d\)\(\d,\d\) as .+, (the fastest of \d|0\.\d\d of a masked kernel's time)$", change.Settings);
        var layers = LayerCatalog.List(model.Graph, new CompressionContext(model, Samples.For(model), null).MeasureShapes(model));
        Assert.Equal(layers.Where(layer => layer.Name == "/c").Sum(layer => layer.Macs), change.After!.Macs);
    }

    static IReadOnlyList<LayerChange> Prune(Model model, string form, string? only = null, bool byName = false, ArrayDataSet? data = null, DiagnosticBag? diagnostics = null)
    {
        var settings = PolicyYaml.Rule($"prune: {{ {form} }}").PruneWeights!.Settings!;
        var layers = LayerCatalog.List(model.Graph, TensorShapes.None);
        var plan = new ModelPlan([.. layers.Select(layer => new LayerPlan(layer,
            PruneWeights: only is null || layer.Name == only || layer.Op == only ? new Planned<WeightPruneSettings>(settings, Somewhere, byName) : null))]);
        return new WeightPruning().Apply(model, plan, new CompressionContext(model.Clone(), Samples.For(model), data) { Diagnostics = diagnostics ?? [], Threads = 1 });
    }

    /// <summary>Convolutions of one group, strided, and of two groups, with a dense layer behind them.</summary>
    static Model Network(int kernel, int batch = 1) => new GraphBuilder(seed: 4).Input("x", batch, 3, 12, 12)
        .Conv("x", "a", 3, 16, kernel).Relu("a", "ra").Conv("ra", "c", 16, 24, kernel, stride: 2).Relu("c", "rc").Conv("rc", "d", 24, 16, kernel, group: 2).Relu("d", "rd")
        .Node("Flatten", ["rd"], "f").Gemm("f", "y", 16 * 36, 10).Output("y").Build();

    static float[] Smooth(GraphBuilder builder, int count)
    {
        // Neighbouring pixels are alike, as in pictures.
        var values = builder.Normal(count * 3 * 144);
        for (var i = 1; i < values.Length; i++)
            values[i] = (0.9f * values[i - 1]) + (0.3f * values[i]) + 0.05f;
        return values;
    }

    static double Distance(float[] expected, float[] actual) =>
        Math.Sqrt(expected.Zip(actual).Sum(pair => Math.Pow(pair.First - (double)pair.Second, 2)) / expected.Sum(value => (double)value * value));

    static int Zeros(Model model, string weight) => model.Graph.Initializer(weight)!.Floats().ToArray().Count(value => value == 0);

    /// <summary>The choice again, by other means: pieces sorted by their sums of absolute weights.</summary>
    static Tensor Mask(Tensor weight, string form)
    {
        var shape = weight.Shape;
        var values = weight.Floats().ToArray();
        switch (form.Split(": "))
        {
            case ["kernel", "2x3"]:
                Keep([.. Enumerable.Range(0, 2).MaxBy(top => Enumerable.Range(0, 6).Sum(i => At((top * 3) + i))) is var best ? Enumerable.Range(best * 3, 6) : []]);
                break;
            case ["kernel", _]:
                Keep([Enumerable.Range(0, 9).MaxBy(At)]);
                break;
            case ["pattern", var count]:
                Keep([.. Enumerable.Range(0, 9).OrderByDescending(At).Take(int.Parse(count, System.Globalization.CultureInfo.InvariantCulture))]);
                break;
            case ["n-m", _]:
                for (var i = 0; i < values.Length; i++)
                {
                    var (input, inputs) = (i / 9 % shape[1], shape[1]);
                    var rivals = Enumerable.Range(input / 4 * 4, Math.Min(4, inputs - (input / 4 * 4))).Select(other => Math.Abs(weight.Floats()[i + ((other - input) * 9)]));
                    values[i] = rivals.Count(rival => rival > Math.Abs(weight.Floats()[i])) < 2 ? values[i] : 0;
                }

                break;
            case [var unit, var share]:
                var length = unit == "weights" ? 1 : unit == "vectors" ? 3 : 9;
                var runs = values.Chunk(length).Index().OrderBy(run => run.Item.Sum(Math.Abs)).ToList();
                foreach (var (index, _) in runs.Take((int)(runs.Count * double.Parse(share.TrimEnd('%'), System.Globalization.CultureInfo.InvariantCulture) / 100)))
                    values.AsSpan(index * length, length).Clear();
                break;
        }

        return Tensor.Of<float>(weight.Name, values, shape);

        double At(int position) => Enumerable.Range(0, values.Length / 9).Sum(i => Math.Abs((double)weight.Floats()[(i * 9) + position]));

        void Keep(int[] positions)
        {
            for (var i = 0; i < values.Length; i++)
                values[i] = positions.Contains(i % 9) ? values[i] : 0;
        }
    }
}
