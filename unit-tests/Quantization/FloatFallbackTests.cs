using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Quantization;
using Compress.Techniques;
using Compress.UnitTests.Support;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Quantization;

/// <summary>Layers that int8 would spoil are found by measuring, and only these compute in float.</summary>
public class FloatFallbackTests
{
    static readonly SourcePosition Somewhere = new("compress.yaml", 3, 5);
    static readonly ArrayDataSet Data = new("x", new GraphBuilder(seed: 5).Normal(32 * 192), [3, 8, 8]);
    static readonly ArrayDataSet Unseen = new("x", new GraphBuilder(seed: 6).Normal(16 * 192), [3, 8, 8]);

    readonly DiagnosticBag diagnostics = [];

    [Fact]
    public void A_layer_that_reads_channels_of_very_different_size_gets_float_activations_and_keeps_int8_weights()
    {
        var model = Uneven();
        var original = model.Clone();

        var changes = Quantize(model);

        Assert.Contains("weights only (int8 activations here alone change the outputs by ", Change(changes, "/c").Settings);
        Assert.All(changes.Where(change => change.Layer != "/c"), change => Assert.Equal("int8 per channel, minmax", change.Settings));
        Assert.All(changes, change => Assert.Equal("int8", change.After!.Form.Split(' ')[1]));
        Assert.InRange(UnseenError(original, model), 0, 0.1);
    }

    [Fact]
    public void Without_repair_that_layer_spoils_the_outputs()
    {
        var model = Uneven();
        var original = model.Clone();

        Quantize(model, _ => new QuantizeSettings(RepairAbove: null));

        Assert.InRange(UnseenError(original, model), 0.2, 2);
        Assert.Empty(diagnostics);
    }

    [Fact]
    public void A_layer_whose_weights_int8_cannot_hold_stays_as_it_is_and_says_why()
    {
        // Filters of the second layer have one weight of 3000 for a channel that is always 0 behind its Relu.
        var bias = new float[8];
        bias[0] = -1e4f;
        var builder = new GraphBuilder().Input("x", -1, 3, 8, 8).Random("wa", 0.3f, 8, 3, 3, 3).Constant("ba", bias);
        var weight = builder.Normal(8 * 8, 0.3f);
        for (var filter = 0; filter < 8; filter++)
            weight[filter * 8] = 3000;
        var model = builder.Node("Conv", ["x", "wa", "ba"], "a", node => node.With("pads", 1, 1, 1, 1)).Relu("a", "ar")
            .Constant("wc", weight, 8, 8, 1, 1).Node("Conv", ["ar", "wc"], "c").Relu("c", "cr").Conv("cr", "y", 8, 4).Output("y").Build();
        var original = model.Clone();

        var changes = Quantize(model);

        Assert.StartsWith("kept in float: its int8 weights alone change the outputs by ", Change(changes, "/c").Skipped);
        Assert.Equal(DataType.Float, LayerCatalog.List(model.Graph, TensorShapes.None).Single(layer => layer.Name == "/c").Weight.Type);
        Assert.Null(Change(changes, "/a").Skipped);
        Assert.Null(Change(changes, "/y").Skipped);
        Assert.InRange(UnseenError(original, model), 0, 0.1);
    }

    [Fact]
    public void A_goal_that_cannot_be_reached_is_a_warning_with_both_figures()
    {
        Quantize(Uneven(), layer => new QuantizeSettings(RepairAbove: layer == "/c" ? null : 0.05));

        var warning = Assert.Single(diagnostics);
        Assert.Equal("CMP4006", warning.Code);
        Assert.Contains("more than the 5% that 'repair' aims at", warning.Message);
    }

    [Fact]
    public void A_model_that_int8_does_not_hurt_is_left_in_int8_throughout()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Relu("a", "ar").Conv("ar", "y", 8, 4).Output("y").Build();

        Assert.All(Quantize(model), change => Assert.Equal("int8 per channel, minmax", change.Settings));
    }

    /// <summary>One channel is 2000 times the others and means nothing to the next layer: one scale for all loses the others.</summary>
    static Model Uneven()
    {
        float[] gain = [2000, 1, 1, 1, 1, 1, 1, 1];
        var builder = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Constant("gain", gain, 1, 8, 1, 1).Node("Mul", ["a", "gain"], "m")
            .Node("Sigmoid", ["a"], "s").Node("Add", ["m", "s"], "u");
        var weight = builder.Normal(8 * 8, 0.3f);
        for (var filter = 0; filter < 8; filter++)
            weight[filter * 8] = 0;
        return builder.Constant("wc", weight, 8, 8, 1, 1).Node("Conv", ["u", "wc"], "c").Relu("c", "cr").Conv("cr", "y", 8, 4).Output("y").Build();
    }

    static LayerChange Change(IEnumerable<LayerChange> changes, string layer) => changes.Single(change => change.Layer == layer);

    static double UnseenError(Model original, Model quantized)
    {
        var batch = Unseen.Read(0, 16);
        float[] x = Ort.Run(original, batch), y = Ort.Run(quantized, batch);
        return Math.Sqrt(x.Zip(y, (one, other) => Math.Pow(one - other, 2)).Sum() / x.Sum(value => Math.Pow(value, 2)));
    }

    IReadOnlyList<LayerChange> Quantize(Model model, Func<string, QuantizeSettings>? settings = null)
    {
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => new LayerPlan(layer,
            Quantize: new Planned<QuantizeSettings>(settings?.Invoke(layer.Name) ?? new(), Somewhere, false)))]);
        return new IntegerQuantization().Apply(model, plan, new CompressionContext(model.Clone(), Data.Read(0, 1), Data) { Threads = 1, Diagnostics = diagnostics });
    }
}
