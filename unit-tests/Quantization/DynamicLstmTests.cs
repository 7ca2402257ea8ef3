using Compress.Data;
using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.UnitTests.Support;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Quantization;

public class DynamicLstmTests
{
    const int Steps = 7, Inputs = 12, Hidden = 8;

    [Theory]
    [InlineData("forward", false, false, true)]
    [InlineData("forward", true, true, true)]
    [InlineData("reverse", true, false, true)]
    [InlineData("bidirectional", false, true, true)]
    [InlineData("bidirectional", true, true, true)]
    [InlineData("bidirectional", true, true, false)]
    public void Every_output_stays_close(string direction, bool bias, bool states, bool perChannel)
    {
        var model = Lstm(direction, bias, states);
        var sample = Samples.For(model);
        var expected = model.Graph.Outputs.ToDictionary(output => output.Name, output => Ort.Run(model.Clone(), sample, output.Name));

        var change = Assert.Single(DynamicQuantizationTests.Quantize(model, new QuantizeSettings(perChannel, As: QuantizationType.Dynamic)));

        Assert.Contains(model.Graph.Nodes, node => node.IsDynamicLstm);
        Assert.InRange(change.Error!.Value, 0.001, 0.02);
        foreach (var (name, values) in expected)
            Assert.InRange(Ort.RelativeDifference(values, Ort.Run(model, sample, name)), 1e-6, 0.03);
    }

    [Fact]
    public void It_is_a_layer_with_both_weights_its_bias_and_their_multiplications_at_every_step()
    {
        var model = Lstm("bidirectional", bias: true, states: false);
        const int Weights = 2 * 4 * Hidden * (Inputs + Hidden);
        var sample = Samples.For(model);

        var layer = Assert.Single(LayerCatalog.List(model.Graph, ShapeTrace.Run(model, sample, 1)));

        Assert.Equal((Weights + (2 * 8 * Hidden), (long)Steps * Weights), (layer.Parameters, layer.Macs!.Value));
        var parameters = ModelSize.Parameters(model.Graph);
        Assert.Equal(layer.Parameters, parameters);

        DynamicQuantizationTests.Quantize(model);

        var quantized = Assert.Single(LayerCatalog.List(model.Graph, ShapeTrace.Run(model, sample, 1)));
        Assert.Equal((layer.Name, layer.Parameters, layer.Macs), (quantized.Name, quantized.Parameters, quantized.Macs));
        Assert.Equal(Weights + (4 * 2 * 8 * Hidden), quantized.Bytes);
        Assert.Equal(parameters, ModelSize.Parameters(model.Graph));
    }

    [Fact]
    public void One_that_gives_its_last_state_alone_is_treated()
    {
        var builder = Weights(new GraphBuilder().Input("x", Steps, 1, Inputs), 1);
        var model = builder.Add(Node.Create("LSTM", "/lstm", ["x", "w", "r"], ["", "h"]).With("hidden_size", Hidden)).Output("h").Build();
        var sample = Samples.For(model);
        var expected = Ort.Run(model.Clone(), sample);

        Assert.Null(Assert.Single(DynamicQuantizationTests.Quantize(model)).Skipped);

        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, sample)), 1e-6, 0.03);
    }

    [Fact]
    public void Gated_units_and_the_batch_first_are_skipped()
    {
        var gru = Weights(new GraphBuilder().Input("x", Steps, 1, Inputs), 1, gates: 3).Add(Node.Create("GRU", "/gru", ["x", "w", "r"], ["y"]).With("hidden_size", Hidden)).Output("y").Build();
        var batchFirst = Weights(new GraphBuilder().Input("x", 1, Steps, Inputs), 1)
            .Add(Node.Create("LSTM", "/lstm", ["x", "w", "r"], ["y"]).With("hidden_size", Hidden).With("layout", 1L)).Output("y").Build();

        Assert.Equal("ONNX Runtime has no dynamic int8 kernel for GRU", Assert.Single(DynamicQuantizationTests.Quantize(gru)).Skipped);
        Assert.Contains("steps first", Assert.Single(DynamicQuantizationTests.Quantize(batchFirst)).Skipped);
    }

    /// <summary>Its state would gather errors from step to step: its weights are stored in 16 bits, and it computes in float32.</summary>
    [Theory]
    [InlineData(QuantizationType.Float16, true)]
    [InlineData(QuantizationType.Float16, false)]
    [InlineData(QuantizationType.BFloat16, true)]
    public void In_half_precision_it_computes_in_float(QuantizationType type, bool activations)
    {
        var model = Lstm("bidirectional", bias: true, states: false);
        var sample = Samples.For(model);
        var expected = Ort.Run(model.Clone(), sample);

        var change = Assert.Single(HalfPrecision.Halved.Apply(model, new QuantizeSettings(As: type, Activations: activations), data: new RepeatedSample(sample)));

        Assert.Null(change.Skipped);
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, sample)), 1e-7, 0.01);
        Assert.InRange((double)change.After!.Bytes / change.Before!.Bytes, 0, 0.65);
        Assert.Contains(model.Graph.Nodes, node => node.Is("LSTM") && node.Input(0) == "x");
    }

    static Model Lstm(string direction, bool bias, bool states)
    {
        var directions = direction == "bidirectional" ? 2 : 1;
        var builder = Weights(new GraphBuilder().Input("x", Steps, 1, Inputs), directions);
        if (bias)
            builder.Random("b", 0.3f, directions, 8 * Hidden);
        if (states)
            builder.Input("h0", directions, 1, Hidden).Input("c0", directions, 1, Hidden);
        return builder.Add(Node.Create("LSTM", "/lstm", ["x", "w", "r", bias ? "b" : "", "", states ? "h0" : "", states ? "c0" : ""], ["y", "h", "c"])
            .With("hidden_size", Hidden).With("direction", direction)).Output("y").Output("h").Output("c").Build();
    }

    static GraphBuilder Weights(GraphBuilder builder, int directions, int gates = 4) =>
        builder.Random("w", 0.3f, directions, gates * Hidden, Inputs).Random("r", 0.3f, directions, gates * Hidden, Hidden);
}
