using Compress.Models;
using Compress.Policies;
using Compress.Quantization.Repair;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Quantization;

/// <summary>Equalization changes nothing in float and brings the channels of neighbours together.</summary>
public class EqualizationTests
{
    internal static readonly float[] Gains = [100, 0.01f, 1, 10, 0.1f, 30, 0.03f, 3];

    [Theory]
    [InlineData("Relu", true)]
    [InlineData("Relu", false)]
    [InlineData("LeakyRelu", true)]
    [InlineData("Clip", true)]
    [InlineData("MaxPool", true)]
    [InlineData("AveragePool", false)]
    public void The_float_model_gives_the_same(string between, bool perChannel)
    {
        var builder = Uneven(new GraphBuilder().Input("x", -1, 3, 8, 8), "x", "a", 3);
        if (between is "MaxPool" or "AveragePool")
            builder.Relu("a", "r").Node(between, ["r"], "b", node => node.With("kernel_shape", 2, 2).With("strides", 2, 2));
        else if (between == "Clip")
            builder.Constant(Tensor.Scalar("low", 0f)).Constant(Tensor.Scalar("high", 6f)).Node("Clip", ["a", "low", "high"], "b");
        else
            builder.Node(between, ["a"], "b");
        var model = builder.Conv("b", "y", 8, 4).Output("y").Build();
        var original = model.Clone();

        var equalization = Apply(model, perChannel);

        Assert.Equal(1, equalization.Pairs);
        Assert.NotEqual(original.Graph.Initializer("a.weight")!.Floats().ToArray(), model.Graph.Initializer("a.weight")!.Floats().ToArray());
        var batch = Repairing.Data.Read(0, 64);
        Assert.InRange(Ort.RelativeDifference(Ort.Run(original, batch), Ort.Run(model, batch)), 0, 1e-5);
    }

    [Fact]
    public void With_one_scale_for_a_weight_the_ranges_of_rows_and_columns_meet()
    {
        var model = Uneven(new GraphBuilder().Input("x", -1, 3, 8, 8), "x", "a", 3).Relu("a", "b").Conv("b", "y", 8, 4).Output("y").Build();

        Apply(model, perChannel: false);

        var (rows, columns) = (Rows(model, "a.weight"), Columns(model, "y.weight"));
        var ratios = rows.Zip(columns, (row, column) => row / column).ToArray();
        Assert.All(ratios, ratio => Assert.Equal(ratios[0], ratio, ratios[0] * 0.03));
    }

    [Fact]
    public void Around_a_depthwise_layer_three_ranges_meet_at_their_geometric_mean()
    {
        // The closed form for a triple: r1, r2 and r3 all become ∛(r1·r2·r3), up to what all channels have in common.
        var builder = Uneven(new GraphBuilder().Input("x", -1, 3, 8, 8), "x", "a", 3).Relu("a", "b").Conv("b", "c", 8, 8, group: 8).Relu("c", "d");
        var model = builder.Conv("d", "y", 8, 4).Output("y").Build();
        var means = Rows(model, "a.weight").Zip(Rows(model, "c.weight"), Columns(model, "y.weight")).Select(ranges => Math.Cbrt(ranges.First * ranges.Second * ranges.Third)).ToArray();

        Apply(model, perChannel: false);

        foreach (var ranges in (double[][])[Rows(model, "a.weight"), Rows(model, "c.weight"), Columns(model, "y.weight")])
        {
            var ratios = ranges.Zip(means, (range, mean) => range / mean).ToArray();
            Assert.All(ratios, ratio => Assert.Equal(ratios[0], ratio, ratios[0] * 0.05));
        }
    }

    [Fact]
    public void With_a_scale_for_each_channel_the_activations_before_a_depthwise_layer_become_equal()
    {
        var model = Uneven(new GraphBuilder().Input("x", -1, 3, 8, 8), "x", "a", 3).Relu("a", "b").Conv("b", "y", 8, 8, group: 8).Output("y").Build();

        Apply(model, perChannel: true);

        model.Graph.SetOutputs(["b"]);
        var values = Ort.Run(model, Repairing.Data.Read(0, 64));
        var ranges = Enumerable.Range(0, 8).Select(channel => Enumerable.Range(0, 64).Max(sample => values.AsSpan((sample * 512) + (channel * 64), 64).ToArray().Max())).ToArray();
        Assert.All(ranges, range => Assert.Equal(ranges[0], range, ranges[0] * 0.02));
    }

    [Fact]
    public void Channels_that_a_clip_cuts_are_left_as_they_are()
    {
        var model = Uneven(new GraphBuilder().Input("x", -1, 3, 8, 8), "x", "a", 3).Constant(Tensor.Scalar("low", 0f)).Constant(Tensor.Scalar("high", 6f))
            .Node("Clip", ["a", "low", "high"], "b").Conv("b", "y", 8, 4).Output("y").Build();
        var before = model.Graph.Initializer("a.weight")!.Floats().ToArray();

        Apply(model, perChannel: true);

        var after = model.Graph.Initializer("a.weight")!.Floats().ToArray();
        // The first channel, a hundred times the usual, is cut at 6; the second, a hundredth of it, never.
        Assert.Equal(before[..27], after[..27]);
        Assert.All(before[27..54].Zip(after[27..54]), pair => Assert.True(Math.Abs(pair.Second) > 2 * Math.Abs(pair.First)));
    }

    [Fact]
    public void Flattened_channels_stand_in_several_columns()
    {
        var model = Uneven(new GraphBuilder().Input("x", -1, 3, 8, 8), "x", "a", 3).Relu("a", "b")
            .Node("MaxPool", ["b"], "p", node => node.With("kernel_shape", 4, 4).With("strides", 4, 4)).Node("Flatten", ["p"], "f").Gemm("f", "y", 32, 5).Output("y").Build();
        var original = model.Clone();

        Assert.Equal(1, Apply(model, perChannel: true).Pairs);

        var batch = Repairing.Data.Read(0, 16);
        Assert.InRange(Ort.RelativeDifference(Ort.Run(original, batch), Ort.Run(model, batch)), 0, 1e-5);
    }

    [Fact]
    public void Nothing_is_scaled_that_something_else_reads()
    {
        Model With(Func<GraphBuilder, GraphBuilder> rest) => rest(new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8)).Conv("b", "y", 8, 4).Output("y").Build();

        Assert.Equal(0, Apply(With(builder => builder.Relu("a", "b").Node("Sigmoid", ["b"], "s").Output("s")), true).Pairs);
        Assert.Equal(0, Apply(With(builder => builder.Relu("a", "b").Output("b")), true).Pairs);
        Assert.Equal(0, Apply(With(builder => builder.Node("Sigmoid", ["a"], "b")), true).Pairs);
        Assert.Equal(0, Apply(With(builder => builder.Node("Add", ["a", "a"], "b")), true).Pairs);
    }

    static Equalization Apply(Model model, bool perChannel)
    {
        var layers = model.Graph.Nodes.Where(node => node.Is("Conv", "Gemm")).ToDictionary(node => node.Output(), _ => new QuantizeSettings(perChannel));
        var equalization = Equalization.Of(model, layers, Repairing.Context(model), "quantize");
        equalization.Apply(model.Graph);
        return equalization;
    }

    /// <summary>A convolution whose channels are of very different size.</summary>
    internal static GraphBuilder Uneven(GraphBuilder builder, string input, string output, int channels)
    {
        var weight = builder.Normal(8 * channels * 9, 1 / MathF.Sqrt(channels * 9));
        for (var i = 0; i < weight.Length; i++)
            weight[i] *= Gains[i / (channels * 9)];
        return builder.Constant(output + ".weight", weight, 8, channels, 3, 3)
            .Constant(output + ".bias", [.. Gains.Select(gain => 0.1f * gain)])
            .Node("Conv", [input, output + ".weight", output + ".bias"], output, node => node.With("pads", 1, 1, 1, 1));
    }

    static double[] Rows(Model model, string weight)
    {
        var tensor = model.Graph.Initializer(weight)!;
        return [.. tensor.Floats().ToArray().Chunk((int)(tensor.Count / tensor.Shape[0])).Select(row => (double)row.Max(Math.Abs))];
    }

    static double[] Columns(Model model, string weight)
    {
        var tensor = model.Graph.Initializer(weight)!;
        var values = tensor.Floats().ToArray();
        return [.. Enumerable.Range(0, tensor.Shape[1]).Select(column => values.Index().Where(entry => entry.Index / 9 % tensor.Shape[1] == column).Max(entry => (double)Math.Abs(entry.Item)))];
    }
}
