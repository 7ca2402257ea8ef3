using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Quantization;

/// <summary>Steps of repair bring outputs nearer on data that they have not seen, say by how much, and go if they do not.</summary>
public class AccuracyRepairTests
{
    [Fact]
    public void Equalization_mends_layers_whose_channels_are_of_very_different_size()
    {
        var (plain, original) = (Uneven(), Uneven());
        new Repairing().Quantize(plain, new QuantizeSettings(RepairAbove: null, TargetCpu: TargetCpu.Vnni));
        var (repairing, repaired) = (new Repairing(), Uneven());

        repairing.Quantize(repaired, Repairing.Only(RepairSteps.Equalization));

        var gain = Assert.Single(repairing.Gains);
        Assert.Equal(("equalization", true, "1 pair of layers"), (gain.Step, gain.IsKept, gain.Detail));
        Assert.True(gain.ErrorAfter < 0.5 * gain.ErrorBefore, $"{gain}");
        Assert.True(Repairing.UnseenError(original, repaired) < 0.5 * Repairing.UnseenError(original, plain));
    }

    [Fact]
    public void Bias_correction_brings_the_mean_of_each_channel_back()
    {
        // Weights to 7 bits and ranges that clip shift the means.
        Model Build() => new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 16).Relu("a", "b").Conv("b", "c", 16, 16).Relu("c", "d").Conv("d", "y", 16, 8).Output("y").Build();
        var settings = Repairing.Only(RepairSteps.BiasCorrection) with { Calibrate = Calibrator.Percentile, Percentile = 97 };
        var (original, plain, repaired, repairing) = (Build(), Build(), Build(), new Repairing());
        new Repairing().Quantize(plain, settings with { RepairAbove = null });

        repairing.Quantize(repaired, settings);

        var gain = Assert.Single(repairing.Gains);
        Assert.Equal(("bias-correction", true, "3 layers"), (gain.Step, gain.IsKept, gain.Detail));
        Assert.True(gain.ErrorAfter < gain.ErrorBefore);
        var (before, after) = (MeanShifts(original, plain), MeanShifts(original, repaired));
        Assert.True(after.Max() < 0.1 * before.Max(), $"{after.Max()} {before.Max()}");
        Assert.True(Repairing.UnseenError(original, repaired) < Repairing.UnseenError(original, plain));
    }

    [Fact]
    public void A_layer_without_a_bias_gets_one()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 16, bias: false).Relu("a", "b").Conv("b", "y", 16, 8, bias: false).Output("y").Build();
        var (original, repairing) = (model.Clone(), new Repairing());

        repairing.Quantize(model, Repairing.Only(RepairSteps.BiasCorrection) with { Calibrate = Calibrator.Percentile, Percentile = 95 });

        Assert.True(repairing.Gains.Single().IsKept);
        Assert.All(model.Graph.Nodes.Where(node => node.Is("Conv")), node => Assert.NotEqual("", node.Input(2)));
        Assert.InRange(MeanShifts(original, model).Max(), 0, 0.01);
    }

    [Fact]
    public void A_step_that_gains_nothing_is_taken_back()
    {
        // Channels alike in range: there is nothing to equalize.
        var (model, repairing) = (new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Relu("a", "b").Conv("b", "y", 8, 4).Output("y").Build(), new Repairing());
        var plain = model.Clone();
        new Repairing().Quantize(plain, new QuantizeSettings(RepairAbove: null, TargetCpu: TargetCpu.Vnni));

        repairing.Quantize(model, Repairing.Only(RepairSteps.All, error: 1));

        var equalization = repairing.Gains[0];
        Assert.Equal(equalization.IsKept, equalization.ErrorAfter < 0.99 * equalization.ErrorBefore);
        if (repairing.Gains.All(gain => !gain.IsKept))
            Assert.Equal(plain.ToBytes(), model.ToBytes());
        Assert.DoesNotContain(repairing.Gains, gain => gain.Step == "fallback");
    }

    [Fact]
    public void Layers_fall_back_last_and_only_within_the_budget()
    {
        var (freely, bounded) = (new Repairing(), new Repairing());

        var all = freely.Quantize(Uneven(), Repairing.Only(RepairSteps.Fallback));
        var few = bounded.Quantize(Uneven(), Repairing.Only(RepairSteps.Fallback) with { RepairBudget = 0.5 });

        Assert.True(Fallen(all) > Fallen(few), $"{Fallen(all)} {Fallen(few)}");
        Assert.InRange(Fallen(few), 0, 0.5);
        Assert.Contains(bounded.Diagnostics, diagnostic => diagnostic.Code == "CMP4006");
    }

    [Fact]
    public void A_model_that_is_near_enough_is_left_alone_unless_steps_are_named()
    {
        var (unnamed, named) = (new Repairing(), new Repairing());

        unnamed.Quantize(Uneven(), new QuantizeSettings(RepairAbove: 1, TargetCpu: TargetCpu.Vnni));
        named.Quantize(Uneven(), Repairing.Only(RepairSteps.Equalization, error: 1));

        Assert.Empty(unnamed.Gains);
        Assert.Single(named.Gains);
    }

    /// <summary>The share of MACs that went back to float activations.</summary>
    static double Fallen(IReadOnlyList<LayerChange> changes) =>
        changes.Where(change => change.Skipped is not null || change.Settings.Contains("weights only")).Sum(change => (double)(change.After?.Macs ?? change.Before?.Macs ?? 1)) / changes.Sum(change => (double)(change.After?.Macs ?? 1));

    /// <summary>Channels of very different size, which mean the same to the next layer.</summary>
    static Model Uneven()
    {
        var builder = EqualizationTests.Uneven(new GraphBuilder().Input("x", -1, 3, 8, 8), "x", "a", 3).Relu("a", "b");
        var weight = builder.Normal(4 * 8 * 9, 0.1f);
        for (var i = 0; i < weight.Length; i++)
            weight[i] /= EqualizationTests.Gains[i / 9 % 8];
        return builder.Constant("wy", weight, 4, 8, 3, 3).Node("Conv", ["b", "wy"], "y", node => node.With("pads", 1, 1, 1, 1)).Output("y").Build();
    }

    static double[] MeanShifts(Model original, Model quantized)
    {
        var batch = Repairing.Data.Read(0, 64);
        float[] x = Ort.Run(original, batch), y = Ort.Run(quantized, batch);
        var channels = LayerCatalog.List(original.Graph, TensorShapes.None)[^1].Weight.Shape[0];
        return [.. Enumerable.Range(0, channels).Select(channel => Math.Abs(x.Zip(y, (one, other) => (double)one - other).Index().Where(entry => entry.Index / 64 % channels == channel).Average(entry => entry.Item)))];
    }
}
