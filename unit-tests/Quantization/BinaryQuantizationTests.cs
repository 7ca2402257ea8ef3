using Compress.Diagnostics;
using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Quantization.Binary;
using Compress.Techniques;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Quantization;

/// <summary>Binary weights are α·sign(W) with α = mean|W|, a bit each in the file and plain floats once the model is loaded.</summary>
public class BinaryQuantizationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Layers_give_what_signs_and_mean_magnitudes_give(bool perChannel)
    {
        var (model, expected) = (Build(), Build());
        foreach (var layer in LayerCatalog.List(expected.Graph, TensorShapes.None))
            expected.Graph.SetConstant(layer.Node, 1, Tensor.Of<float>(layer.Weight.Name, ClosedForm(layer, perChannel), layer.Weight.Shape));
        var sample = Samples.For(model);

        Quantize(model, new QuantizeSettings(perChannel, As: QuantizationType.Binary));

        Assert.InRange(Ort.RelativeDifference(Ort.Run(expected, sample), Ort.Run(model, sample)), 0, 1e-5);
    }

    [Fact]
    public void The_runtime_computes_the_weights_when_it_loads_the_model()
    {
        var model = Build();

        Quantize(model, new QuantizeSettings(As: QuantizationType.Binary));

        using var folder = new TemporaryFolder();
        using (Session.Open(model, new SessionSettings(1) { OptimizedModelPath = folder.File("optimized.onnx") }))
        {
        }

        using var optimized = Model.Load(folder.File("optimized.onnx"));
        Assert.DoesNotContain(optimized.Graph.Nodes, node => node.OpType is "Gather" or "Cast" or "Mul" or "Reshape" or "Slice");
    }

    [Fact]
    public void A_weight_takes_a_bit_and_counts_as_before()
    {
        var model = Build();
        var before = LayerCatalog.List(model.Graph, TensorShapes.None);
        var parameters = ModelSize.Parameters(model.Graph);

        var changes = Quantize(model, new QuantizeSettings(As: QuantizationType.Binary));

        var after = LayerCatalog.List(model.Graph, TensorShapes.None);
        Assert.Equal(parameters, ModelSize.Parameters(model.Graph));
        Assert.Equal(before.Select(layer => (layer.Name, layer.Parameters)), after.Select(layer => (layer.Name, layer.Parameters)));
        Assert.Equal(["5x3x3x3 binary", "7x320 binary"], changes.Select(change => change.After!.Form).Order());
        Assert.All(before.Zip(after), pair => Assert.Equal((pair.First.Weight.Count + 7) / 8, pair.Second.Weight.Bytes));
    }

    [Fact]
    public void The_error_is_what_pythagoras_leaves()
    {
        // For one magnitude: ‖W − α·sign(W)‖² = ‖W‖² − n·α².
        var weight = Tensor.Of<float>("w", new GraphBuilder(seed: 3).Normal(40), 4, 10);
        var values = weight.Floats().ToArray();
        var (square, mean) = (values.Sum(value => (double)value * value), values.Average(value => (double)Math.Abs(value)));

        var found = BinaryWeight.Of(weight, 0, perChannel: false);

        Assert.Equal(Math.Sqrt((square - (40 * mean * mean)) / square), found.Error.Relative, 1e-6);
    }

    [Fact]
    public void Tables_and_layers_that_are_quantized_already_are_skipped()
    {
        var model = Build();
        Quantize(model, new QuantizeSettings(As: QuantizationType.Binary));

        Assert.All(Quantize(model, new QuantizeSettings(As: QuantizationType.Binary)), change => Assert.Equal("it is quantized already", change.Skipped));
    }

    static Model Build() => new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 5).Relu("a", "b").Node("Flatten", ["b"], "f").Gemm("f", "y", 320, 7).Output("y").Build();

    static float[] ClosedForm(Layer layer, bool perChannel)
    {
        var values = layer.Weight.Floats().ToArray();
        var row = values.Length / layer.Weight.Shape[0];
        return [.. values.Select((value, i) => (value < 0 ? -1 : 1) * (perChannel ? values.AsSpan(i / row * row, row).ToArray() : values).Average(Math.Abs))];
    }

    static IReadOnlyList<LayerChange> Quantize(Model model, QuantizeSettings settings)
    {
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None)
            .Select(layer => new LayerPlan(layer, Quantize: new Planned<QuantizeSettings>(settings, new SourcePosition("compress.yaml", 3, 5), false)))]);
        return new BinaryQuantization().Apply(model, plan, new CompressionContext(model.Clone(), Samples.For(model), null) { Threads = 1 });
    }
}
