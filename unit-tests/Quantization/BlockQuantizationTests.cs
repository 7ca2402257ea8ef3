using Compress.Data;
using Compress.Diagnostics;
using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Quantization.Blocks;
using Compress.Techniques;
using Compress.UnitTests.Support;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Quantization;

/// <summary>Layers with weights of 4 bits give in ONNX Runtime what the dequantized weights give, in every form.</summary>
public class BlockQuantizationTests
{
    static readonly ArrayDataSet Data = new("x", new GraphBuilder(seed: 5).Normal(64 * 64), [64]);

    public static TheoryData<BlockForm, bool> Forms => new() { { BlockForm.Standard, false }, { BlockForm.Standard, true }, { BlockForm.Runtime, false }, { BlockForm.Runtime, true } };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Dense_layers_give_what_their_dequantized_weights_give(BlockForm form, bool isSymmetric)
    {
        var settings = new QuantizeSettings(As: QuantizationType.Int4, Block: 16, Form: form, Symmetric: isSymmetric, By: WeightRounding.Nearest);
        var model = Dense();
        var rounded = Dense();
        foreach (var node in rounded.Graph.Nodes.Where(node => node.Is("MatMul", "Gemm")).ToArray())
            PutRounded(rounded.Graph, node, settings);

        Quantize(model, settings);

        var batch = Data.Read(0, 64);
        var expected = Ort.Run(rounded, batch);
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, batch, optimize: false)), 0, form == BlockForm.Standard ? 1e-5 : 0.02);
        // The runtime's kernel brings activations to 8 bits as well.
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, batch, optimize: true)), 0, 0.02);
        // In standard operators ONNX Runtime does not fuse what stands between a Relu and another such layer.
        Assert.Equal(form == BlockForm.Runtime ? 3 : 1, KernelsOf(model).Count(kernel => kernel == "MatMulNBits"));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Tables_give_their_dequantized_rows(BlockForm form, bool isSymmetric)
    {
        var settings = new QuantizeSettings(As: QuantizationType.Int4, Block: 16, Form: form, Symmetric: isSymmetric, By: WeightRounding.Nearest);
        Model Table() => new GraphBuilder(opset: 21, irVersion: 10).InputOf(DataType.Int64, "ids", -1, 3).Random("table", 0.1f, 50, 48).Node("Gather", ["table", "ids"], "y").Output("y").Build();
        var (model, rounded) = (Table(), Table());
        PutRounded(rounded.Graph, rounded.Graph.Nodes[0], settings);
        var batch = new Dictionary<string, DataTensor> { ["ids"] = new(DataType.Int64, [2, 3], new long[] { 0, 49, 7, 7, 1, 30 }) };

        var changes = Quantize(model, settings, batch);

        Assert.Equal(Ort.Run(rounded, batch, optimize: false), Ort.Run(model, batch, optimize: false));
        Assert.Equal(Ort.Run(rounded, batch, optimize: true), Ort.Run(model, batch, optimize: true));
        Assert.Equal("50x48 uint4", changes[0].After!.Form.Replace("48x50", "50x48"));
        Assert.Equal(50 * 48, ModelSize.Parameters(model.Graph));
        Assert.Equal("it is quantized already", Quantize(model, settings, batch).Single().Skipped);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void With_data_the_error_of_a_table_is_that_of_its_rows(BlockForm form, bool isSymmetric)
    {
        var model = new GraphBuilder(opset: 21, irVersion: 10).InputOf(DataType.Int64, "ids", 2, 3).Random("table", 0.1f, 50, 48).Node("Gather", ["table", "ids"], "y").Output("y").Build();
        var batch = new Dictionary<string, DataTensor> { ["ids"] = new(DataType.Int64, [2, 3], new long[] { 0, 49, 7, 7, 1, 30 }) };
        var original = model.Clone();

        var change = Quantize(model, new QuantizeSettings(As: QuantizationType.Int4, Block: 16, Form: form, Symmetric: isSymmetric), batch, new RepeatedSample(batch)).Single();

        var (expected, found) = (Ort.Run(original, batch), Ort.Run(model, batch));
        Assert.Equal(Math.Sqrt(Squared(expected, found) / expected.Sum(value => (double)value * value)), change.Error!.Value, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Packed_weights_are_seen_as_what_they_stand_for(BlockForm form, bool isSymmetric)
    {
        var model = Dense();
        var before = (ModelSize.Parameters(model.Graph), LayerCatalog.List(model.Graph, TensorShapes.None).Sum(layer => layer.Parameters));

        Quantize(model, new QuantizeSettings(As: QuantizationType.Int4, Form: form, Symmetric: isSymmetric));

        var layers = LayerCatalog.List(model.Graph, TensorShapes.None);
        Assert.Equal(before, (ModelSize.Parameters(model.Graph), layers.Sum(layer => layer.Parameters)));
        Assert.All(layers, layer => Assert.Equal(4, layer.Weight.Bits));
    }

    [Theory]
    [InlineData(BlockForm.Standard)]
    [InlineData(BlockForm.Runtime)]
    public void Layers_that_share_a_weight_go_on_sharing_it(BlockForm form)
    {
        var model = new GraphBuilder(opset: 21, irVersion: 10).Input("x", -1, 64).Random("w", 0.1f, 64, 64).Node("MatMul", ["x", "w"], "h").Relu("h", "r").Node("MatMul", ["r", "w"], "y").Output("y").Build();

        Quantize(model, new QuantizeSettings(As: QuantizationType.Int4, Form: form, By: WeightRounding.SquaredError));

        Assert.Single(model.Graph.Initializers, tensor => tensor.Name.StartsWith("w_q", StringComparison.Ordinal));
        Assert.DoesNotContain(model.Graph.Initializers, tensor => tensor.Name == "w");
    }

    [Fact]
    public void Where_there_is_data_outputs_decide_how_weights_are_rounded()
    {
        var (aware, each) = (Dense(), Dense());
        var original = Dense();

        var changes = Quantize(aware, new QuantizeSettings(As: QuantizationType.Int4), data: Correlated);
        Quantize(each, new QuantizeSettings(As: QuantizationType.Int4, By: WeightRounding.SquaredError), data: Correlated);

        Assert.All(changes, change => Assert.Equal("int4 in blocks of 32, by gptq", change.Settings));
        var batch = Correlated.Read(0, 64);
        var expected = Ort.Run(original, batch);
        Assert.True(Squared(expected, Ort.Run(aware, batch, optimize: false)) < 0.7 * Squared(expected, Ort.Run(each, batch, optimize: false)));
    }

    [Fact]
    public void What_cannot_be_stored_so_is_skipped_with_the_reason()
    {
        var model = new GraphBuilder(opset: 21, irVersion: 10).Input("x", -1, 3, 8, 8).Conv("x", "c", 3, 8).Node("Flatten", ["c"], "f").Gemm("f", "g", 512, 40)
            .Gemm("g", "h", 40, 64).Random("batch", 0.1f, 1, 64, 32).Node("MatMul", ["h", "batch"], "y").Output("y").Build();

        var changes = Quantize(model, new QuantizeSettings(As: QuantizationType.Int4), Samples.For(model));

        Assert.Equal(
            ["ONNX Runtime would unpack the weight of a convolution in every run; 'quantize: { as: int8, activations: none }' stores it in 8 bits", null,
                "its 40 inputs do not fall into blocks of 32; no size of blocks does", "its weight is a batch of matrices"],
            changes.OrderBy(change => change.Layer switch { "/c" => 0, "/g" => 1, "/h" => 2, _ => 3 }).Select(change => change.Skipped));
    }

    /// <summary>A MatMul, and dense layers with the weight either way.</summary>
    static Model Dense() => new GraphBuilder(opset: 21, irVersion: 10).Input("x", -1, 64).Random("wa", 0.1f, 64, 96).Node("MatMul", ["x", "wa"], "a").Relu("a", "ar")
        .Gemm("ar", "b", 96, 64).Relu("b", "br").Random("wc", 0.1f, 64, 32).Random("bc", 0.1f, 32).Node("Gemm", ["br", "wc", "bc"], "y").Output("y").Build();

    static ArrayDataSet Correlated
    {
        get
        {
            var builder = new GraphBuilder(seed: 8);
            var (factors, mixture, noise) = (builder.Normal(64 * 6), builder.Normal(6 * 64), builder.Normal(64 * 64, 0.2f));
            return new ArrayDataSet("x", [.. noise.Select((value, i) => value + Enumerable.Range(0, 6).Sum(k => factors[(i / 64 * 6) + k] * mixture[(k * 64) + (i % 64)]))], [64]);
        }
    }

    static double Squared(float[] x, float[] y) => x.Zip(y, (one, other) => Math.Pow(one - other, 2)).Sum();

    static void PutRounded(Graph graph, Node node, QuantizeSettings settings)
    {
        var input = node.Is("Gather") ? 0 : 1;
        var weight = graph.Initializer(node.Input(input))!;
        var (values, rows, columns) = BlockWriter.Matrix(node, weight);
        var found = BlockQuantizer.Quantize(values, rows, columns, settings, null);
        var isTransposed = node.Is("Gather") || LayerCatalog.OutputAxis(node) == 0;
        var numbers = new float[values.Length];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = isTransposed ? found.At(i % rows, i / rows) : found.At(i / columns, i % columns);
        graph.SetConstant(node, input, Tensor.Of<float>(weight.Name, numbers, weight.Shape));
    }

    static IReadOnlyList<LayerChange> Quantize(Model model, QuantizeSettings settings, IReadOnlyDictionary<string, DataTensor>? sample = null, DataSet? data = null)
    {
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None)
            .Select(layer => new LayerPlan(layer, Quantize: new Planned<QuantizeSettings>(settings, new SourcePosition("compress.yaml", 3, 5), false)))]);
        data ??= sample is null ? Data : null;
        return new BlockQuantization().Apply(model, plan, new CompressionContext(model.Clone(), sample ?? data!.Read(0, 1), data) { Threads = 1 });
    }

    static IEnumerable<string> KernelsOf(Model model)
    {
        using var folder = new TemporaryFolder();
        using (Session.Open(model, new SessionSettings(1) { OptimizedModelPath = folder.File("optimized.onnx") }))
        {
        }

        using var optimized = Model.Load(folder.File("optimized.onnx"));
        return [.. optimized.Graph.Nodes.Select(node => node.OpType)];
    }
}
