using Compress.Clustering;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Clustering;

public class WeightSharingTests
{
    static readonly SourcePosition Place = new("compress.yaml", 5, 3);

    /// <summary>The model gives what one gives in which the weights were written out.</summary>
    [Theory]
    [InlineData("Conv", 6, 1, 4)]
    [InlineData("Conv", 6, 4, 8)]
    [InlineData("Conv", 2, 1, 1)]
    [InlineData("Gemm", 6, 2, 4)]
    [InlineData("MatMul", 6, 1, 4)]
    [InlineData("MatMul", 4, 1, 2)]
    [InlineData("ConvTranspose", 6, 1, 4)]
    [InlineData("Gather", 6, 1, 4)]
    public void Shared_values_are_looked_up_as_if_they_stood_there(string op, int values, int groups, int bits)
    {
        var (model, input, weight) = Layer(op);
        var given = model.Graph.Initializer(weight)!.Floats().ToArray();
        var settings = new ClusterSettings(values, Groups: groups);
        var expected = model.Clone();
        var codebook = Codebook.Of(model.Graph.Initializer(weight)!, op is "Gemm" or "Conv" or "ConvTranspose" ? 0 : 1, settings, 0);
        expected.Graph.SetConstant(expected.Graph.Nodes[0], op == "Gather" ? 0 : 1,
            Tensor.Of<float>(weight, [.. codebook.Indices.Select(index => codebook.Values[index])], model.Graph.Initializer(weight)!.Shape));

        var change = Assert.Single(Apply(model, settings));

        Assert.Null(change.Skipped);
        Assert.Equal(Ort.Run(expected, input), Ort.Run(model, input));
        var layer = Assert.Single(LayerCatalog.List(model.Graph, TensorShapes.None));
        Assert.Equal(given.Length, layer.Weight.Count);
        Assert.Equal(((given.Length * bits) + 7) / 8, layer.Weight.Bytes);
        Assert.Equal(change.After!.Bytes, layer.Weight.Bytes + (4 * codebook.Values.Length) + (layer.Bias?.Bytes ?? 0));
        Assert.Equal(change.Before!.Parameters, ModelSize.Parameters(model.Graph));
    }

    [Fact]
    public void Pruned_weights_stay_exactly_zero_and_others_do_not_become_so()
    {
        var random = new GraphBuilder(seed: 4);
        float[] values = [.. random.Normal(600).Select((value, i) => i % 3 == 0 ? value : 0)];

        var codebook = Codebook.Of(Tensor.Of<float>("w", values, 20, 30), 0, new ClusterSettings(5), 0);

        Assert.Equal(5, codebook.Values.Length);
        Assert.Contains(0, codebook.Values);
        Assert.All(values.Zip(codebook.Indices), pair => Assert.Equal(pair.First == 0, codebook.Values[pair.Second] == 0));
        var difference = values.Zip(codebook.Indices, (value, index) => Math.Pow(value - codebook.Values[index], 2)).Sum() / values.Sum(value => Math.Pow(value, 2));
        Assert.Equal(Math.Sqrt(difference), codebook.RelativeError, 5);
    }

    [Fact]
    public void As_many_values_as_there_are_weights_change_nothing()
    {
        var (model, input, _) = Layer("Conv");
        model.Graph.SetConstant(model.Graph.Nodes[0], 1, Tensor.Of<float>("w", [.. Enumerable.Range(0, 8 * 3 * 9).Select(i => (i % 7) - 3f)], 8, 3, 3, 3));
        var expected = Ort.Run(model.Clone(), input);

        var change = Assert.Single(Apply(model, new ClusterSettings(16)));

        Assert.Equal("16 values -> 7", change.Settings);
        Assert.Equal(0, change.Error);
        Assert.Equal(expected, Ort.Run(model, input));
    }

    [Fact]
    public void Layers_that_share_a_weight_share_what_takes_its_place()
    {
        var model = new GraphBuilder().Input("x", -1, 12).Random("w", 1, 12, 12).Node("MatMul", ["x", "w"], "h").Node("MatMul", ["h", "w"], "y").Output("y").Build();

        Apply(model, new ClusterSettings(8));

        Assert.Single(model.Graph.Nodes, node => node.OpType == "Gather" && model.Graph.Initializer(node.Input(0))!.Name == "w_values");
        Assert.Null(model.Graph.Initializer("w"));
    }

    [Fact]
    public void A_layer_is_not_clustered_and_quantized_both()
    {
        var (model, _, _) = Layer("Conv");
        var layer = LayerCatalog.List(model.Graph, TensorShapes.None)[0];
        var plan = new ModelPlan([new LayerPlan(layer, Quantize: new(new QuantizeSettings(), Place, false), Cluster: new(new ClusterSettings(8), Place, false))]);

        var diagnostic = Assert.Single(new WeightSharing().Foresee(model, plan, hasCalibration: true));

        Assert.Equal(("CMP4001", Place), (diagnostic.Code, diagnostic.Position));
        Assert.Contains("'quantize: none' or 'cluster: none'", diagnostic.Message);
    }

    [Fact]
    public void A_weight_that_is_not_float_is_skipped_or_an_error_where_it_is_named()
    {
        var model = new GraphBuilder().Input("x", -1, 4).Constant("w", new Half[16], 4, 4).Node("MatMul", ["x", "w"], "y").Output("y").Build();

        Assert.Contains("float16", Assert.Single(Apply(model, new ClusterSettings(8))).Skipped);
        Assert.Equal("CMP4001", Assert.Single(Assert.Throws<CompressException>(() => Apply(model, new ClusterSettings(8), byName: true)).Diagnostics).Code);
    }

    static IReadOnlyList<LayerChange> Apply(Model model, ClusterSettings settings, bool byName = false) => new WeightSharing().Apply(
        model,
        new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => new LayerPlan(layer, Cluster: new Planned<ClusterSettings>(settings, Place, byName)))]),
        new CompressionContext(model, null, null) { Threads = 1 });

    static (Model Model, Dictionary<string, DataTensor> Input, string Weight) Layer(string op)
    {
        var builder = new GraphBuilder(seed: 2);
        var model = op switch
        {
            "Conv" => builder.Input("x", 1, 3, 6, 6).Random("w", 1, 8, 3, 3, 3).Node("Conv", ["x", "w"], "y"),
            "ConvTranspose" => builder.Input("x", 1, 3, 6, 6).Random("w", 1, 3, 8, 3, 3).Node("ConvTranspose", ["x", "w"], "y"),
            "Gemm" => builder.Input("x", 2, 10).Random("w", 1, 12, 10).Node("Gemm", ["x", "w"], "y", node => node.With("transB", 1)),
            "MatMul" => builder.Input("x", 2, 10).Random("w", 1, 10, 12).Node("MatMul", ["x", "w"], "y"),
            _ => builder.InputOf(Onnx.TensorProto.Types.DataType.Int64, "x", 2).Random("w", 1, 30, 5).Node("Gather", ["w", "x"], "y"),
        };
        var shape = op switch { "Conv" or "ConvTranspose" => (int[])[1, 3, 6, 6], "Gather" => [2], _ => [2, 10] };
        var input = op == "Gather" ? new DataTensor(Onnx.TensorProto.Types.DataType.Int64, [2], new long[] { 3, 29 }) : DataTensor.Of(builder.Normal(shape.Aggregate(1, (a, b) => a * b)), shape);
        return (model.Output("y").Build(), new() { ["x"] = input }, "w");
    }
}
