using Compress.Diagnostics;
using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Quantization;
using Compress.Techniques;
using Compress.UnitTests.Support;
using Microsoft.ML.OnnxRuntime;

namespace Compress.UnitTests.Quantization;

public class IntegerQuantizationTests
{
    static readonly SourcePosition Somewhere = new("compress.yaml", 3, 5);

    [Fact]
    public void A_residual_network_runs_in_int8_kernels_from_end_to_end()
    {
        var model = Residual();

        Quantize(model);

        var kernels = KernelsOf(model);
        Assert.Equal(3, kernels.Count(kernel => kernel == "QLinearConv"));
        Assert.Contains("QLinearAdd", kernels);
        Assert.Contains("QLinearGlobalAveragePool", kernels);
        Assert.Contains("QGemm", kernels);
        Assert.Single(kernels, kernel => kernel == "QuantizeLinear");
        Assert.DoesNotContain("DequantizeLinear", kernels);
        Assert.DoesNotContain("Relu", kernels);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Outputs_stay_close_on_data_that_calibration_did_not_see(bool perChannel, bool symmetric)
    {
        var model = Residual();
        var input = new GraphBuilder(seed: 99).Normal(16 * 192);
        var expected = Ort.Run(model.Clone(), "x", input, 16, 3, 8, 8);

        Quantize(model, new QuantizeSettings(perChannel, symmetric));

        var actual = Ort.Run(model, "x", input, 16, 3, 8, 8);
        Assert.InRange(Cosine(expected, actual), 0.999, 1);
        Assert.NotEqual(expected, actual);
    }

    [Fact]
    public void The_runtimes_int8_kernels_agree_with_the_float_operators_between_the_pairs()
    {
        var model = Residual();
        Quantize(model);
        var sample = Samples.For(model);

        var fused = Ort.Run(model, sample, optimize: true);

        Assert.InRange(Ort.RelativeDifference(Ort.Run(model, sample, optimize: false), fused), 0, 0.03);
    }

    [Fact]
    public void A_tensor_has_one_quantizer_and_no_pair_stands_alone()
    {
        var model = Residual();

        Quantize(model);

        var graph = model.Graph;
        var quantizers = graph.Nodes.Where(node => node.Is("QuantizeLinear")).ToList();
        Assert.Equal(quantizers.Count, quantizers.Select(node => node.Input(0)).Distinct().Count());
        Assert.All(quantizers, node => Assert.All(graph.Consumers(node.Output()), reader => Assert.Equal("DequantizeLinear", reader.OpType)));
        Assert.DoesNotContain(quantizers, node => graph.Producer(node.Input(0)) is { OpType: "DequantizeLinear" });
        Assert.All(graph.Outputs, output => Assert.NotEqual("DequantizeLinear", graph.Producer(output.Name)!.OpType));
    }

    [Fact]
    public void Operators_that_move_data_keep_one_scale_on_both_sides()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8)
            .Node("MaxPool", ["a"], "p", node => node.With("kernel_shape", 2, 2).With("strides", 2, 2)).Node("Flatten", ["p"], "f")
            .Gemm("f", "y", 128, 5).Output("y").Build();

        Quantize(model);

        var scales = model.Graph.Nodes.Where(node => node.Is("QuantizeLinear")).ToDictionary(node => node.Input(0), node => node.Input(1));
        Assert.Equal(scales["a"], scales["p"]);
        Assert.Equal(scales["a"], scales["f"]);
        Assert.NotEqual(scales["x"], scales["a"]);
    }

    [Fact]
    public void Concatenated_tensors_share_one_scale_over_all_their_ranges()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 4).Conv("x", "b", 3, 4, kernel: 1)
            .Node("Concat", ["a", "b"], "c", node => node.With("axis", 1)).Conv("c", "y", 8, 4).Output("y").Build();

        Quantize(model);

        var scales = model.Graph.Nodes.Where(node => node.Is("QuantizeLinear")).ToDictionary(node => node.Input(0), node => node.Input(1));
        Assert.Single(new[] { scales["a"], scales["b"], scales["c"] }.Distinct());
        Assert.Contains("QLinearConcat", KernelsOf(model));
    }

    [Fact]
    public void A_tensor_that_a_layer_reads_behind_a_movement_is_in_int8_for_a_concat_too()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Node("MaxPool", ["x"], "p", node => node.With("kernel_shape", 3, 3).With("pads", 1, 1, 1, 1)).Conv("p", "a", 3, 4)
            .Node("Concat", ["a", "x"], "c", node => node.With("axis", 1)).Conv("c", "y", 7, 4).Output("y").Build();

        Quantize(model);

        var scales = model.Graph.Nodes.Where(node => node.Is("QuantizeLinear")).ToDictionary(node => node.Input(0), node => node.Input(1));
        Assert.Single(new[] { scales["x"], scales["a"], scales["c"] }.Distinct());
        Assert.Contains("QLinearConcat", KernelsOf(model));
    }

    [Fact]
    public void Bias_scales_are_the_product_of_input_and_weight_scales()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "y", 3, 4).Output("y").Build();

        Quantize(model);

        var graph = model.Graph;
        float[] Constant(string name) => graph.Initializer(name)!.Floats().ToArray();
        var input = Constant(graph.Nodes.Single(node => node.Is("QuantizeLinear")).Input(1))[0];
        var weights = Constant(graph.Producer(graph.Nodes.Single(node => node.Is("Conv")).Input(1))!.Input(1));
        var biases = Constant(graph.Producer(graph.Nodes.Single(node => node.Is("Conv")).Input(2))!.Input(1));
        Assert.Equal(weights.Select(weight => input * weight), biases);
    }

    [Fact]
    public void A_layer_that_the_policy_leaves_in_float_stays_so_and_its_neighbours_do_not()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Relu("a", "b").Conv("b", "c", 8, 8).Relu("c", "d")
            .Conv("d", "y", 8, 4).Node("Relu", ["y"], "z").Output("z").Build();

        Quantize(model, only: layer => layer.Name != "/c");

        Assert.Equal(Compress.Onnx.TensorProto.Types.DataType.Float, LayerCatalog.List(model.Graph, TensorShapes.None)[1].Weight.Type);
        Assert.Equal(2, KernelsOf(model).Count(kernel => kernel == "QLinearConv"));
        Assert.Single(KernelsOf(model), kernel => kernel is "Conv" or "FusedConv");
    }

    [Fact]
    public void A_clip_whose_bounds_the_range_implies_is_folded_and_outputs_stay_close()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Constant(Tensor.Scalar("low", 0f)).Constant(Tensor.Scalar("high", 0.5f))
            .Node("Clip", ["a", "low", "high"], "b").Conv("b", "y", 8, 4).Output("y").Build();
        var sample = Samples.For(model);
        var expected = Ort.Run(model.Clone(), sample);

        Quantize(model);

        Assert.DoesNotContain(model.Graph.Nodes, node => node.Is("Clip"));
        Assert.InRange(Cosine(expected, Ort.Run(model, sample)), 0.999, 1);
    }

    [Fact]
    public void Matrix_products_are_quantized_by_output_column()
    {
        var model = new GraphBuilder().Input("x", -1, 16).Random("w", 0.3f, 16, 8).Node("MatMul", ["x", "w"], "a").Relu("a", "b").Gemm("b", "y", 8, 4)
            .Output("y").Build();
        var data = new ArrayDataSet("x", new GraphBuilder(seed: 5).Normal(32 * 16), [16]);

        Quantize(model, data: data);

        Assert.Contains("QLinearMatMul", KernelsOf(model));
        Assert.Equal([8], model.Graph.Initializer("w_scale")!.Shape);
    }

    [Fact]
    public void Values_that_are_not_finite_are_an_error_that_names_the_tensor()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "y", 3, 4).Output("y").Build();
        var values = new float[192];
        values[7] = float.NaN;

        var failure = Assert.Throws<CompressException>(() => Quantize(model, data: new ArrayDataSet("x", values, [3, 8, 8])));

        Assert.Equal("CMP4004", Assert.Single(failure.Diagnostics).Code);
        Assert.Contains("'x'", failure.Diagnostics[0].Message);
    }

    [Fact]
    public void The_same_run_gives_the_same_bytes_whatever_the_batches()
    {
        var (one, other) = (Residual(), Residual());

        Quantize(one, batchSize: 3);
        Quantize(other, batchSize: 32);

        Assert.Equal(one.ToBytes(), other.ToBytes());
    }

    [Fact]
    public void A_relu_that_makes_a_graph_output_stays()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Relu("a", "b").Conv("b", "y", 8, 4).Output("b", -1, 8, 8, 8).Output("y").Build();

        Quantize(model);

        Assert.All(Ort.Run(model, Samples.For(model), "b"), value => Assert.InRange(value, 0, float.MaxValue));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_activation_whose_scale_is_widened_by_a_concatenation_still_clips(bool before)
    {
        var builder = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 4).Conv("x", "b", 3, 4);
        var model = (before
            ? builder.Relu("a", "ar").Node("Concat", ["ar", "b"], "c", node => node.With("axis", 1)).Conv("c", "y", 8, 4)
            : builder.Node("Concat", ["a", "b"], "c", node => node.With("axis", 1)).Relu("c", "cr").Conv("cr", "y", 8, 4)).Output("y").Build();

        AssertStaysClose(model);
    }

    [Fact]
    public void Branches_with_one_activation_may_share_a_scale_and_be_folded()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 4).Conv("x", "b", 3, 4).Relu("a", "ar").Relu("b", "br")
            .Node("Concat", ["ar", "br"], "c", node => node.With("axis", 1)).Conv("c", "y", 8, 4).Output("y").Build();

        AssertStaysClose(model);

        Assert.DoesNotContain(model.Graph.Nodes, node => node.Is("Relu"));
    }

    [Fact]
    public void A_clip_with_a_computed_bound_stays()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Node("ReduceMax", ["x"], "high", node => node.With("keepdims", 0))
            .Node("Clip", ["a", "", "high"], "b").Conv("b", "y", 8, 4).Output("y").Build();

        AssertStaysClose(model);

        Assert.Contains(model.Graph.Nodes, node => node.Is("Clip"));
    }

    [Fact]
    public void An_addend_with_a_number_for_each_row_is_no_bias()
    {
        var model = new GraphBuilder().Input("x", 1, 64).Constant("size", [4L, 16L]).Node("Reshape", ["x", "size"], "r").Random("w", 0.3f, 16, 4)
            .Random("c", 2, 4, 1).Node("Gemm", ["r", "w", "c"], "y").Output("y").Build();

        Assert.Contains("weights only (its bias", Assert.Single(Quantize(model, data: new ArrayDataSet("x", new GraphBuilder(seed: 5).Normal(8 * 64), [64]))).Settings);
    }

    [Fact]
    public void A_layer_whose_input_is_constant_is_stored_in_int8_alone()
    {
        var model = new GraphBuilder().Input("x", -1, 4).Random("queries", 1, 1, 16).Random("w", 0.3f, 16, 4).Constant("axes", [0L])
            .Node("Unsqueeze", ["queries", "axes"], "q").Node("MatMul", ["q", "w"], "m").Node("Add", ["x", "m"], "y").Output("y").Build();

        Assert.Contains("weights only (its input is constant)", Assert.Single(Quantize(model, data: new ArrayDataSet("x", new GraphBuilder(seed: 5).Normal(32 * 4), [4]))).Settings);
    }

    [Fact]
    public void A_model_that_is_quantized_already_is_left_alone()
    {
        var model = Residual();
        Quantize(model);
        var before = model.ToBytes();

        Assert.All(Quantize(model), change => Assert.NotNull(change.Skipped));

        Assert.Equal(before, model.ToBytes());
    }

    [Fact]
    public void Settings_of_one_layer_do_not_reach_the_others()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Relu("a", "b").Conv("b", "c", 8, 8).Node("GlobalAveragePool", ["c"], "p")
            .Node("Sigmoid", ["p"], "s").Conv("s", "y", 8, 4, kernel: 1).Output("y").Build();

        Quantize(model, settingsOf: layer => new QuantizeSettings(Symmetric: layer.Name == "/y"));

        var zeroPoints = model.Graph.Nodes.Where(node => node.Is("QuantizeLinear")).ToDictionary(node => node.Input(0), node => model.Graph.Initializer(node.Input(2))!.Type);
        Assert.Equal(Compress.Onnx.TensorProto.Types.DataType.Int8, zeroPoints["s"]);
        Assert.Equal(Compress.Onnx.TensorProto.Types.DataType.Uint8, zeroPoints["x"]);
        Assert.Equal(Compress.Onnx.TensorProto.Types.DataType.Uint8, zeroPoints["b"]);
    }

    [Fact]
    public void A_weight_that_layers_share_is_stored_once()
    {
        var model = new GraphBuilder().Input("x", -1, 4, 8, 8).Random("w", 0.3f, 4, 4, 3, 3)
            .Node("Conv", ["x", "w"], "a", node => node.With("pads", 1, 1, 1, 1)).Node("Conv", ["a", "w"], "y", node => node.With("pads", 1, 1, 1, 1)).Output("y").Build();

        Quantize(model, data: new ArrayDataSet("x", new GraphBuilder(seed: 5).Normal(32 * 256), [4, 8, 8]));

        Assert.Single(model.Graph.Initializers, tensor => tensor.Shape.Length == 4);
    }

    [Theory]
    [InlineData(1e-8f)]
    [InlineData(1e-7f)]
    [InlineData(1e-6f)]
    public void A_channel_with_weights_next_to_nothing_gives_its_bias(float weight)
    {
        var model = new GraphBuilder().Input("x", -1, 64, 4, 4).Constant("w", Enumerable.Repeat(weight, 64 * 9).ToArray(), 1, 64, 3, 3).Constant("b", [0.5f])
            .Node("Conv", ["x", "w", "b"], "a", node => node.With("pads", 1, 1, 1, 1)).Relu("a", "ar").Conv("ar", "y", 1, 4).Output("y").Build();
        var data = new ArrayDataSet("x", Enumerable.Repeat(1f, 4 * 1024).ToArray(), [64, 4, 4]);
        var expected = Ort.Run(model.Clone(), data.Read(0, 1));

        Quantize(model, data: data);

        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, data.Read(0, 1))), 0, 0.03);
    }

    [Fact]
    public void Sums_of_the_greatest_products_do_not_saturate_on_any_cpu()
    {
        // All weights and all inputs are as great as their ranges allow, so that every pair of products is.
        var model = new GraphBuilder().Input("x", -1, 16, 4, 4).Constant("w", Enumerable.Repeat(1f, 8 * 16 * 9).ToArray(), 8, 16, 3, 3)
            .Node("Conv", ["x", "w"], "a").Relu("a", "b").Conv("b", "y", 8, 4).Output("y").Build();
        var data = new ArrayDataSet("x", Enumerable.Repeat(3f, 4 * 256).ToArray(), [16, 4, 4]);
        var expected = Ort.Run(model.Clone(), data.Read(0, 1));

        Quantize(model, data: data);

        Assert.Contains("QLinearConv", KernelsOf(model));
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, data.Read(0, 1))), 0, 0.02);
    }

    [Theory]
    [InlineData(TargetCpu.Any, 64)]
    [InlineData(TargetCpu.Avx2, 64)]
    [InlineData(TargetCpu.Vnni, 127)]
    [InlineData(TargetCpu.Arm, 127)]
    public void Weights_take_as_many_bits_as_the_target_can_add_up(TargetCpu target, int greatest)
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "y", 3, 4).Output("y").Build();

        Quantize(model, new QuantizeSettings(TargetCpu: target));

        var weight = model.Graph.Initializers.Single(tensor => tensor.Shape.Length == 4).Values<sbyte>().ToArray();
        Assert.Equal(greatest, weight.Max(value => Math.Abs((int)value)));
    }

    static void AssertStaysClose(Model model)
    {
        var sample = Samples.For(model);
        var expected = Ort.Run(model.Clone(), sample, "y");
        Quantize(model);
        Assert.InRange(Cosine(expected, Ort.Run(model, sample, "y")), 0.999, 1);
    }

    static Model Residual() => new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Relu("a", "b").Conv("b", "c", 8, 8).Relu("c", "d")
        .Conv("d", "e", 8, 8).Node("Add", ["b", "e"], "f").Relu("f", "g").Node("GlobalAveragePool", ["g"], "h").Node("Flatten", ["h"], "i")
        .Gemm("i", "y", 8, 5).Output("y").Build();

    static IReadOnlyList<LayerChange> Quantize(
        Model model, QuantizeSettings? settings = null, Func<Layer, bool>? only = null, ArrayDataSet? data = null, int batchSize = 32,
        Func<Layer, QuantizeSettings>? settingsOf = null)
    {
        data ??= new ArrayDataSet("x", new GraphBuilder(seed: 5).Normal(32 * 192), [3, 8, 8]);
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => new LayerPlan(layer,
            Quantize: only is null || only(layer) ? new Planned<QuantizeSettings>(settingsOf?.Invoke(layer) ?? settings ?? new(), Somewhere, false) : null))]);
        return new IntegerQuantization().Apply(model, plan, new CompressionContext(model.Clone(), data.Read(0, 1), data) { BatchSize = batchSize, Threads = 1 });
    }

    static IReadOnlyList<string> KernelsOf(Model model)
    {
        using var folder = new TemporaryFolder();
        using (var options = new SessionOptions { OptimizedModelFilePath = folder.File("optimized.onnx"), LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR })
        using (new InferenceSession(model.ToBytes(), options))
        {
        }

        return [.. Model.Load(folder.File("optimized.onnx")).Graph.Nodes.Select(node => node.OpType)];
    }

    static double Cosine(float[] one, float[] other)
    {
        double dot = 0, a = 0, b = 0;
        for (var i = 0; i < one.Length; i++)
        {
            dot += one[i] * other[i];
            a += one[i] * one[i];
            b += other[i] * other[i];
        }

        return dot / Math.Sqrt(a * b);
    }
}
