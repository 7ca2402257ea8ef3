using Compress.Data;
using Compress.Diagnostics;
using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Quantization;
using Compress.Techniques;
using Compress.UnitTests.Support;
using Microsoft.ML.OnnxRuntime;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Quantization;

public class DynamicQuantizationTests
{
    static readonly SourcePosition Somewhere = new("compress.yaml", 3, 5);

    [Theory]
    [InlineData(true, TargetCpu.Any)]
    [InlineData(true, TargetCpu.Vnni)]
    [InlineData(false, TargetCpu.Avx2)]
    [InlineData(false, TargetCpu.Arm)]
    public void A_product_is_that_of_the_integers_which_the_formulas_give(bool perChannel, TargetCpu target)
    {
        const int Rows = 6, Inner = 40, Columns = 9;
        var model = new GraphBuilder().Input("x", -1, Inner).Random("w", 0.2f, Inner, Columns).Node("MatMul", ["x", "w"], "y").Output("y").Build();
        float[] x = [.. new GraphBuilder(seed: 7).Normal(Rows * Inner).Select(value => value + 0.5f)];
        var w = model.Graph.Initializer("w")!.Floats().ToArray();
        var most = target is TargetCpu.Any or TargetCpu.Avx2 ? 64 : 127;

        Quantize(model, new QuantizeSettings(perChannel, TargetCpu: target, As: QuantizationType.Dynamic));

        // ONNX, DynamicQuantizeLinear: the range holds 0.
        var (low, high) = (Math.Min(0, x.Min()), Math.Max(0, x.Max()));
        var scale = (high - low) / 255;
        var zeroPoint = (int)Math.Clamp(MathF.Round(-low / scale), 0, 255);
        var expected = new float[Rows * Columns];
        for (var i = 0; i < expected.Length; i++)
        {
            var (row, column) = (i / Columns, i % Columns);
            var weightScale = (perChannel ? Enumerable.Range(0, Inner).Max(k => Math.Abs(w[(k * Columns) + column])) : w.Max(Math.Abs)) / most;
            var sum = Enumerable.Range(0, Inner).Sum(k =>
                ((int)Math.Clamp(MathF.Round(x[(row * Inner) + k] / scale) + zeroPoint, 0, 255) - zeroPoint) * (int)MathF.Round(w[(k * Columns) + column] / weightScale));
            expected[i] = sum * scale * weightScale;
        }

        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model.Clone(), "x", x, Rows, Inner)), 0, 1e-5);
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, Inputs("x", x, Rows, Inner), optimize: false)), 0, 1e-5);
        Assert.Equal(most, model.Graph.Initializer("w_q")!.Values<sbyte>().ToArray().Max(value => Math.Abs((int)value)));
    }

    [Theory]
    [InlineData(1, 0, 1f, 1f)]
    [InlineData(1, 1, 1f, 1f)]
    [InlineData(0, 1, 0.5f, 1f)]
    [InlineData(1, 2, -2f, 0.25f)]
    [InlineData(1, 3, 1f, -3f)]
    [InlineData(0, 1, 1f, 0f)]
    public void A_dense_layer_differs_by_no_more_than_its_scales_allow(int transB, int biasForm, float alpha, float beta)
    {
        const int Rows = 5, Inner = 48, Columns = 12;
        int[] biasShape = biasForm switch { 1 => [Columns], 2 => [Rows, 1], _ => [1] };
        var builder = new GraphBuilder().Input("x", Rows, Inner).Random("w", 0.3f, transB == 1 ? [Columns, Inner] : [Inner, Columns]).Random("b", 2, biasShape)
            .Node("ReduceMean", ["x"], "mean", node => node.With("axes", [1L]));
        string[] inputs = biasForm switch { 0 => ["x", "w"], 3 => ["x", "w", "mean"], _ => ["x", "w", "b"] };
        var model = builder.Node("Gemm", inputs, "y", node => node.With("transB", transB).With("alpha", alpha).With("beta", beta)).Output("y").Build();
        var x = new GraphBuilder(seed: 7).Normal(Rows * Inner);
        var w = model.Graph.Initializer("w")!.Floats().ToArray();
        float Weight(int k, int column) => w[transB == 1 ? (column * Inner) + k : (k * Columns) + column];
        var expected = Ort.Run(model.Clone(), "x", x, Rows, Inner);

        Quantize(model);

        var actual = Ort.Run(model, "x", x, Rows, Inner);
        var step = (x.Max() - x.Min()) / 255;
        for (var i = 0; i < expected.Length; i++)
        {
            var (row, column) = (i / Columns, i % Columns);
            var weightStep = Enumerable.Range(0, Inner).Max(k => Math.Abs(Weight(k, column))) / 64;
            // Half a step of the weight, and at the ends of the range up to one of the input, since its zero point is rounded too.
            var bound = Enumerable.Range(0, Inner).Sum(k => (Math.Abs(x[(row * Inner) + k]) * weightStep / 2) + ((Math.Abs(Weight(k, column)) + (weightStep / 2)) * step));
            Assert.InRange(Math.Abs(expected[i] - actual[i]), 0, Math.Abs(alpha) * bound);
        }

        Assert.NotEqual(expected, actual);
    }

    [Fact]
    public void Queries_keys_and_values_share_one_quantizer_and_become_one_kernel_each()
    {
        var model = Attention();
        var input = new GraphBuilder(seed: 9).Normal(2 * 6 * 16);
        var expected = Ort.Run(model.Clone(), "x", input, 2, 6, 16);

        var changes = Quantize(model);

        Assert.Equal(["/q", "/k", "/v", "/o"], changes.Select(change => change.Layer));
        var quantizers = model.Graph.Nodes.Where(node => node.Is("DynamicQuantizeLinear")).Select(node => node.Input(0));
        Assert.Equal(["x", "c"], quantizers);
        var kernels = KernelsOf(model);
        Assert.Equal(3, kernels.Count(kernel => kernel == "MatMulIntegerToFloat"));
        Assert.Single(kernels, kernel => kernel == "DynamicQuantizeMatMul");
        Assert.DoesNotContain("Cast", kernels);
        Assert.DoesNotContain("Mul", kernels);
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, "x", input, 2, 6, 16)), 1e-6, 0.03);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public void A_dense_layer_with_its_bias_becomes_one_kernel(bool perChannel, int transB)
    {
        var model = new GraphBuilder().Input("x", -1, 16).Random("w", 0.3f, transB == 1 ? [8, 16] : [16, 8]).Random("b", 1, 8)
            .Node("Gemm", ["x", "w", "b"], "y", node => node.With("transB", transB)).Output("y").Build();

        Quantize(model, new QuantizeSettings(perChannel, As: QuantizationType.Dynamic));

        Assert.Equal(["DynamicQuantizeMatMul"], KernelsOf(model));
    }

    [Fact]
    public void An_input_of_zeros_gives_the_bias()
    {
        var model = new GraphBuilder().Input("x", -1, 16).Gemm("x", "y", 16, 4).Output("y").Build();
        var bias = model.Graph.Initializer("y.bias")!.Floats().ToArray();

        Quantize(model);

        Assert.Equal(bias, Ort.Run(model, "x", new float[16], 1, 16));
    }

    [Fact]
    public void A_vector_is_multiplied_too()
    {
        var model = new GraphBuilder().Input("x", 16).Random("w", 0.3f, 16, 4).Node("MatMul", ["x", "w"], "y").Output("y").Build();
        var sample = Samples.For(model);
        var expected = Ort.Run(model.Clone(), sample);

        Quantize(model);

        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, sample)), 1e-6, 0.05);
    }

    [Fact]
    public void Parameters_and_multiplications_stay_what_they_are()
    {
        var model = new GraphBuilder().InputOf(DataType.Int64, "ids", 1, 3).Random("table", 1, 20, 16).Node("Gather", ["table", "ids"], "e").Random("w", 0.3f, 16, 8)
            .Node("MatMul", ["e", "w"], "m").Constant("shape", [3L, 8L]).Node("Reshape", ["m", "shape"], "r").Gemm("r", "y", 8, 4).Output("y").Build();
        var sample = new Dictionary<string, DataTensor> { ["ids"] = new DataTensor(DataType.Int64, [1, 3], new long[] { 3, 7, 19 }) };
        var before = (ModelSize.Parameters(model.Graph), ModelSize.Macs(LayerCatalog.List(model.Graph, ShapeTrace.Run(model, sample, 1))));

        var changes = Quantize(model);

        Assert.Equal(before, (ModelSize.Parameters(model.Graph), ModelSize.Macs(LayerCatalog.List(model.Graph, ShapeTrace.Run(model, sample, 1)))));
        Assert.Equal(["/e", "/m", "/y"], LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => layer.Name));
        Assert.All(changes, change => Assert.Equal(change.Before!.Parameters, change.After!.Parameters));
        Assert.Equal((8 * 4) + (4 * 4), changes[2].After!.Bytes);
    }

    [Fact]
    public void Layers_that_share_a_weight_share_its_integers()
    {
        var model = new GraphBuilder().Input("x", -1, 16).Random("w", 0.3f, 16, 16).Node("MatMul", ["x", "w"], "a").Node("MatMul", ["a", "w"], "y").Output("y").Build();

        Quantize(model);

        Assert.Single(model.Graph.Initializers, tensor => tensor.Shape.Length == 2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Layers_in_bodies_compute_in_integers_too(bool flag)
    {
        var model = Branching.Nested();
        var sample = Branching.Sample(model, flag);
        var expected = Ort.Run(model.Clone(), sample);

        var changes = Quantize(model);

        Assert.All(changes, change => Assert.Null(change.Skipped));
        Assert.Contains(model.Graph.WithBodies().Skip(1), body => body.Nodes.Any(node => node.Is("MatMulInteger")));
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, sample)), 1e-6, 0.1);
    }

    [Fact]
    public void What_has_no_fast_kernel_is_skipped_with_the_reason()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 4).Random("up", 0.3f, 4, 4, 2, 2).Node("ConvTranspose", ["a", "up"], "b").Output("b").Build();

        var reasons = Quantize(model).Select(change => change.Skipped).ToList();

        Assert.Equal(
            ["ONNX Runtime's ConvInteger is slower than its float Conv; 'quantize: int8' is for convolutions", "ONNX Runtime has no dynamic int8 kernel for ConvTranspose"], reasons);
    }

    [Fact]
    public void A_layer_that_is_named_and_cannot_be_treated_is_an_error()
    {
        var model = new GraphBuilder().Input("x", 4, 16).Random("w", 0.3f, 4, 8).Node("Gemm", ["x", "w"], "y", node => node.With("transA", 1)).Output("y").Build();

        var failure = Assert.Throws<CompressException>(() => Quantize(model, byName: true));

        Assert.Equal("compress.yaml(3,5): error CMP4001: cannot quantize Gemm '/y': integer kernels take no transposed input", Assert.Single(failure.Diagnostics).ToString());
    }

    [Fact]
    public void A_model_that_is_quantized_already_is_left_alone()
    {
        var model = Attention();
        Quantize(model);
        var before = model.ToBytes();

        Assert.All(Quantize(model), change => Assert.Equal("it is quantized already", change.Skipped));

        Assert.Equal(before, model.ToBytes());
    }

    [Fact]
    public void With_calibration_data_the_error_is_that_of_the_output()
    {
        var model = new GraphBuilder().Input("x", -1, 16).Gemm("x", "y", 16, 4).Output("y").Build();
        var data = new ArrayDataSet("x", new GraphBuilder(seed: 5).Normal(32 * 16), [16]);
        var original = model.Clone();

        var change = Assert.Single(Quantize(model, data: data));

        var (expected, actual) = (Ort.Run(original, data.Read(0, 16)), Ort.Run(model, data.Read(0, 16)));
        var error = Math.Sqrt(expected.Zip(actual, (one, other) => Math.Pow(one - other, 2)).Sum() / expected.Sum(value => value * value));
        Assert.Equal(error, change.Error!.Value, 1e-6);
    }

    static Model Attention()
    {
        var builder = new GraphBuilder().Input("x", -1, 6, 16);
        foreach (var name in (string[])["q", "k", "v"])
            builder.Random(name + ".weight", 0.25f, 16, 16).Random(name + ".bias", 0.1f, 16).Node("MatMul", ["x", name + ".weight"], name).Node("Add", [name + ".bias", name], name + "b");
        return builder.Node("Transpose", ["kb"], "kt", node => node.With("perm", 0, 2, 1)).Node("MatMul", ["qb", "kt"], "s").Node("Softmax", ["s"], "p", node => node.With("axis", -1))
            .Node("MatMul", ["p", "vb"], "c").Random("o.weight", 0.25f, 16, 16).Node("MatMul", ["c", "o.weight"], "o").Output("o").Build();
    }

    static Dictionary<string, DataTensor> Inputs(string name, float[] values, params int[] shape) => new() { [name] = DataTensor.Of(values, shape) };

    internal static IReadOnlyList<LayerChange> Quantize(Model model, QuantizeSettings? settings = null, bool byName = false, ArrayDataSet? data = null)
    {
        settings ??= new QuantizeSettings(As: QuantizationType.Dynamic);
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => new LayerPlan(layer, Quantize: new Planned<QuantizeSettings>(settings, Somewhere, byName)))]);
        return new DynamicQuantization().Apply(model, plan, new CompressionContext(model.Clone(), data?.Read(0, 1), data) { Threads = 1 });
    }

    internal static IReadOnlyList<string> KernelsOf(Model model)
    {
        using var folder = new TemporaryFolder();
        using (var options = new SessionOptions { OptimizedModelFilePath = folder.File("optimized.onnx"), LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR })
        using (new InferenceSession(model.ToBytes(), options))
        {
        }

        return [.. Model.Load(folder.File("optimized.onnx")).Graph.Nodes.Select(node => node.OpType)];
    }
}
