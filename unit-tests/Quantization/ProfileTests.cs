using Compress.Models;
using Compress.Policies;
using Compress.UnitTests.Support;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Quantization;

/// <summary>Models for other runtimes keep to the conventions of these, and give the same in stock ONNX Runtime.</summary>
public class ProfileTests
{
    [Theory]
    [InlineData(QuantizationType.Int8, RuntimeProfile.OrtCpu, DataType.Uint8, true, false)]
    [InlineData(QuantizationType.Int8, RuntimeProfile.TensorRt, DataType.Int8, false, false)]
    [InlineData(QuantizationType.Int8, RuntimeProfile.Qnn, DataType.Uint8, true, true)]
    [InlineData(QuantizationType.Int8, RuntimeProfile.OpenVino, DataType.Uint8, false, false)]
    [InlineData(QuantizationType.Int16, RuntimeProfile.OrtCpu, DataType.Uint16, false, false)]
    [InlineData(QuantizationType.Int16, RuntimeProfile.Qnn, DataType.Uint16, false, true)]
    public void Each_has_its_own_conventions(QuantizationType type, RuntimeProfile profile, DataType activations, bool integerBias, bool integerOutput)
    {
        var model = Build();
        var original = model.Clone();

        new Repairing().Quantize(model, new QuantizeSettings(RepairAbove: null, As: type, Profile: profile));

        var graph = model.Graph;
        Assert.All(graph.Nodes.Where(node => node.IsQuantizer), node => Assert.Equal(activations, graph.Initializer(node.Input(2))!.Type));
        Assert.All(graph.Nodes.Where(node => node.Is("Conv", "Gemm")), node => Assert.Equal(integerBias, graph.Producer(node.Input(2)) is { IsDequantizer: true }));
        Assert.Equal(integerOutput, graph.Producer("y")!.IsDequantizer);
        var gemm = graph.Producer(graph.Nodes.Single(node => node.Is("Gemm")).Input(1))!;
        Assert.Equal(profile == RuntimeProfile.Qnn ? 1 : 5, graph.Initializer(gemm.Input(1))!.Count);
        Assert.All(graph.Nodes.Where(node => node.Is("Conv")), node => Assert.Equal(8, graph.Initializer(graph.Producer(node.Input(1))!.Input(1))!.Count));
        Assert.InRange(Error(original, model), 1e-6, 0.05);
    }

    [Theory]
    [InlineData(21, "")]
    [InlineData(17, "com.microsoft")]
    public void Sixteen_bits_are_written_in_the_operators_that_have_them(int opset, string domain)
    {
        var model = Build(opset);

        new Repairing().Quantize(model, new QuantizeSettings(RepairAbove: null, As: QuantizationType.Int16));

        Assert.All(model.Graph.Nodes.Where(node => node.IsQuantizer || node.IsDequantizer), node => Assert.Equal(domain, node.Domain));
        Assert.NotEmpty(Ort.Run(model, Samples.For(model)));
    }

    [Fact]
    public void Activations_in_sixteen_bits_lose_less_than_in_eight()
    {
        // Weights of 1 and -1 are exact in int8: all that is lost is lost by activations.
        Model Sums() => new GraphBuilder().Input("x", -1, 3, 8, 8).Constant("w", [1f, 1, 1, 1, -1, 1, -1, -1, 1], 3, 3, 1, 1).Node("Conv", ["x", "w"], "y").Output("y").Build();
        var (original, eight, sixteen) = (Sums(), Sums(), Sums());
        var settings = new QuantizeSettings(RepairAbove: null, TargetCpu: TargetCpu.Vnni);

        new Repairing().Quantize(eight, settings);
        new Repairing().Quantize(sixteen, settings with { As = QuantizationType.Int16 });

        Assert.True(Error(original, sixteen) < Error(original, eight) / 128);
    }

    [Fact]
    public void A_layer_that_decodes_a_distribution_stays_in_float_and_is_named()
    {
        // As in detectors: the sides of a box are the means of distributions over sixteen steps.
        var steps = Enumerable.Range(0, 8).Select(step => (float)step).ToArray();
        Model Detector() => new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Node("Softmax", ["a"], "s", node => node.With("axis", 1))
            .Constant("steps", steps, 1, 8, 1, 1).Node("Conv", ["s", "steps"], "side").Constant("stride", [8f], 1).Node("Mul", ["side", "stride"], "y").Output("y").Build();
        var model = Detector();

        var changes = new Repairing().Quantize(model, new QuantizeSettings(RepairAbove: null));

        Assert.StartsWith("kept in float: it decodes what Softmax gives into an output", changes.Single(change => change.Layer == "/side").Skipped);
        Assert.Equal(DataType.Float, model.Graph.Initializer("steps")!.Type);
        Assert.Null(changes.Single(change => change.Layer == "/a").Skipped);
    }

    /// <summary>On calibration data, whose outliers ranges hold.</summary>
    static double Error(Model original, Model quantized) => Ort.RelativeDifference(Ort.Run(original, Repairing.Data.Read(0, 64)), Ort.Run(quantized, Repairing.Data.Read(0, 64)));

    static Model Build(int opset = 21) => new GraphBuilder(opset, irVersion: 10).Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Relu("a", "b").Conv("b", "c", 8, 8).Relu("c", "d")
        .Node("GlobalAveragePool", ["d"], "p").Node("Flatten", ["p"], "f").Gemm("f", "y", 8, 5).Output("y").Build();
}
