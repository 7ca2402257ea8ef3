using Compress.Data;
using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Quantization;
using Compress.Techniques;
using Compress.UnitTests.Support;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Quantization;

public class WeightOnlyQuantizationTests
{
    static readonly SourcePosition Somewhere = new("compress.yaml", 3, 5);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_model_computes_what_its_rounded_weights_give(bool perChannel)
    {
        var model = Embeddings();
        var rounded = model.Clone();
        Round(rounded, "table", 1, perChannel);
        Round(rounded, "m.weight", 1, perChannel);
        Round(rounded, "y.weight", 0, perChannel);

        var changes = Quantize(model, perChannel);

        Assert.All(changes, change => Assert.Null(change.Skipped));
        Assert.All(changes, change => Assert.InRange(change.Error!.Value, 0.001, 0.03));
        Assert.InRange(Ort.RelativeDifference(Ort.Run(rounded, Tokens), Ort.Run(model, Tokens)), 0, 1e-5);
        Assert.Equal(["table_q", "m.weight_q", "y.weight_q"], model.Graph.Initializers.Where(tensor => tensor is { Type: DataType.Int8, Shape.Length: 2 }).Select(tensor => tensor.Name));
        Assert.Equal(LayersOf(Embeddings()), LayersOf(model));
        Assert.Equal(ModelSize.Parameters(Embeddings().Graph), ModelSize.Parameters(model.Graph));
    }

    [Fact]
    public void Convolutions_keep_their_bias_and_compute_in_float()
    {
        var model = new GraphBuilder().Input("x", 1, 4, 8, 8).Conv("x", "a", 4, 8, group: 2).Conv("a", "y", 8, 8).Output("y").Build();
        var rounded = model.Clone();
        Round(rounded, "a.weight", 0, true);
        Round(rounded, "y.weight", 0, true);

        Quantize(model);

        Assert.Equal(DataType.Float, model.Graph.Initializer("a.bias")!.Type);
        Assert.InRange(Ort.RelativeDifference(Ort.Run(rounded, Samples.For(model)), Ort.Run(model, Samples.For(model))), 0, 1e-5);
    }

    [Fact]
    public void Layers_that_share_a_weight_share_its_integers()
    {
        var model = new GraphBuilder().InputOf(DataType.Int64, "ids", 1, 3).Random("w", 1, 16, 16)
            .Node("Gather", ["w", "ids"], "e").Node("MatMul", ["e", "w"], "a").Node("MatMul", ["a", "w"], "y").Output("y").Build();

        Quantize(model);

        Assert.Single(model.Graph.Initializers, tensor => tensor is { Type: DataType.Int8, Shape.Length: 2 });
        Assert.Null(model.Graph.Initializer("w"));
        Ort.Run(model, Tokens);
    }

    [Fact]
    public void Layers_with_integer_activations_may_stand_beside_such_without()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Relu("a", "b").Conv("b", "c", 8, 8).Relu("c", "d")
            .Node("Flatten", ["d"], "f").Gemm("f", "y", 512, 5).Output("y").Build();
        var data = new ArrayDataSet("x", new GraphBuilder(seed: 5).Normal(32 * 192), [3, 8, 8]);
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => new LayerPlan(layer,
            Quantize: new Planned<QuantizeSettings>(new(Activations: layer.Name != "/c"), Somewhere, false)))]);
        var expected = Ort.Run(model.Clone(), data.Read(0, 8));

        var changes = new IntegerQuantization().Apply(model, plan, new CompressionContext(model.Clone(), data.Read(0, 1), data));

        Assert.All(changes, change => Assert.InRange(change.Error!.Value, 1e-6, 0.05));
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, data.Read(0, 8))), 1e-6, 0.05);
    }

    [Fact]
    public void Where_activations_are_asked_for_too_a_table_is_stored_in_int8_and_says_why_that_is_all()
    {
        var model = Embeddings();
        var expected = Ort.Run(model.Clone(), Tokens);
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => new LayerPlan(layer, Quantize: new Planned<QuantizeSettings>(new(), Somewhere, true)))]);

        var changes = new IntegerQuantization().Apply(model, plan, new CompressionContext(model.Clone(), Tokens, new RepeatedSample(Tokens)));

        Assert.Equal("int8 per channel, weights only (ONNX Runtime has no int8 kernel for Gather)", changes.Single(change => change.Op == "Gather").Settings);
        Assert.Equal("int8 per channel, minmax", changes.First(change => change.Op == "MatMul").Settings);
        Assert.Equal(DataType.Int8, model.Graph.Initializer("table_q")!.Type);
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, Tokens)), 0, 0.05);
    }

    static Dictionary<string, DataTensor> Tokens => new() { ["ids"] = new DataTensor(DataType.Int64, [1, 3], new long[] { 3, 0, 7 }) };

    static Model Embeddings() => new GraphBuilder().InputOf(DataType.Int64, "ids", 1, 3).Random("table", 1, 64, 32).Random("m.weight", 0.2f, 32, 48)
        .Node("Gather", ["table", "ids"], "e").Node("MatMul", ["e", "m.weight"], "m").Node("ReduceMean", ["m"], "r", node => node.With("axes", [1L]).With("keepdims", 0))
        .Gemm("r", "y", 48, 10).Output("y").Build();

    static IEnumerable<(string, string, long, long?)> LayersOf(Model model) =>
        LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => (layer.Name, layer.Op, layer.Parameters, layer.Macs));

    static IReadOnlyList<LayerChange> Quantize(Model model, bool perChannel = true)
    {
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => new LayerPlan(layer,
            Quantize: new Planned<QuantizeSettings>(new(perChannel, Activations: false), Somewhere, false)))]);
        return new IntegerQuantization().Apply(model, plan, new CompressionContext(model.Clone(), null, null));
    }

    /// <summary>Rounds a matrix or the filters of a convolution to 255 steps between ±max|w| of each channel, or of all.</summary>
    static void Round(Model model, string name, int axis, bool perChannel)
    {
        var weight = model.Graph.Initializer(name)!;
        var (values, columns) = (weight.Floats().ToArray(), weight.Shape.Skip(axis + 1).Aggregate(1, (a, b) => a * b));
        int ChannelOf(int index) => perChannel ? index / columns % weight.Shape[axis] : 0;
        var scales = values.Select((value, index) => (Channel: ChannelOf(index), Value: Math.Abs(value)))
            .GroupBy(entry => entry.Channel).ToDictionary(group => group.Key, group => group.Max(entry => entry.Value) / 127f);
        var rounded = values.Select((value, index) => scales[ChannelOf(index)] * (float)Math.Round((double)value / scales[ChannelOf(index)])).ToArray();
        var reader = model.Graph.Consumers(name)[0];
        model.Graph.SetConstant(reader, reader.Inputs.ToList().IndexOf(name), Tensor.Of<float>(name, rounded, weight.Shape));
    }
}
