using Compress.Models;
using Compress.UnitTests.Support;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Rewriting.Opsets;

public class InputAdaptersTests
{
    [Theory]
    [InlineData(-0.5f, 0.25f)]
    [InlineData(0f, null)]
    [InlineData(null, 6f)]
    [InlineData(null, null)]
    public void Clip_takes_its_bounds_as_inputs(float? min, float? max)
    {
        var model = new GraphBuilder(7).Input("x", 2, 50).Node("Clip", ["x"], "y", node =>
        {
            if (min is { } low)
                node.With("min", low);
            if (max is { } high)
                node.With("max", high);
        }).Output("y").Build();

        Upgraded.Same(model);
    }

    [Fact]
    public void Bounds_and_fill_have_the_type_of_the_input()
    {
        var model = new GraphBuilder(10).Input("x", 2, 5).Node("Cast", ["x"], "d", node => node.With("to", (long)DataType.Double))
            .Node("Pad", ["d"], "p", node => node.With("pads", 0, 1, 0, 2).With("value", 0.5f)).Node("Cast", ["p"], "y", node => node.With("to", (long)DataType.Float))
            .Output("y").Build();

        var upgraded = Upgraded.Same(model);

        Assert.Equal(DataType.Double, upgraded.Graph.Initializer(upgraded.Graph.Producer("p")!.Input(2))!.Type);
    }

    [Theory]
    [InlineData("constant", 0f)]
    [InlineData("constant", -1.5f)]
    [InlineData("reflect", 0f)]
    [InlineData("edge", 0f)]
    public void Pad_takes_its_pads_and_fill_as_inputs(string mode, float value) => Upgraded.Same(new GraphBuilder(7).Input("x", 1, 2, 4, 4)
        .Node("Pad", ["x"], "y", node => node.With("mode", mode).With("value", value).With("pads", 0, 0, 1, 2, 0, 0, 2, 1)).Output("y").Build());

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Slice_takes_its_range_as_inputs(bool axes) => Upgraded.Same(new GraphBuilder(9).Input("x", 4, 6).Node("Slice", ["x"], "y", node =>
    {
        node.With("starts", 1, -4).With("ends", 3, 1000);
        if (axes)
            node.With("axes", 0, 1);
    }).Output("y").Build());

    [Fact]
    public void TopK_takes_k_as_input() => Upgraded.Same(new GraphBuilder(8).Input("x", 3, 9)
        .Add(Node.Create("TopK", "top", ["x"], ["y", "i"]).With("k", 4).With("axis", 1)).Output("y").Build());

    [Theory]
    [InlineData(7)]
    [InlineData(10)]
    public void Dropout_takes_its_ratio_as_input_and_loses_a_mask_that_nothing_reads(int opset)
    {
        var model = new GraphBuilder(opset).Input("x", 3, 9).Add(Node.Create("Dropout", "d", ["x"], ["y", "mask"]).With("ratio", 0.25f)).Output("y").Build();

        var node = Upgraded.Same(model).Graph.Producer("y")!;

        Assert.Equal(["y"], node.Outputs);
        Assert.False(node.Has("ratio"));
    }

    [Fact]
    public void A_mask_of_dropout_that_is_read_is_refused()
    {
        var model = new GraphBuilder(9).Input("x", 3, 9).Add(Node.Create("Dropout", "d", ["x"], ["a", "mask"])).Node("Add", ["a", "mask"], "y").Output("y").Build();

        Assert.Contains("Dropout 'd' cannot follow to opset 10", Upgraded.Refused(model));
        Assert.Contains("mask", Upgraded.Refused(model));
    }

    [Fact]
    public void Scatter_is_called_ScatterElements() => Upgraded.Same(new GraphBuilder(9).Input("x", 3, 4).Constant("i", [0L, 2L, 1L, 3L], 2, 2)
        .Random("u", 1, 2, 2).Node("Scatter", ["x", "i", "u"], "y", node => node.With("axis", 1)).Output("y").Build());

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public void Dft_takes_its_axis_as_input(int? axis) => Upgraded.Same(new GraphBuilder(17).Input("x", 1, 8, 4, 1).Node("DFT", ["x"], "y", node =>
    {
        if (axis is { } given)
            node.With("axis", given);
    }).Output("y").Build());

    [Theory]
    [InlineData("OneHot")]
    [InlineData("CumSum")]
    [InlineData("Mod")]
    public void Operators_that_only_widened_stay_as_they_are(string op)
    {
        var builder = op switch
        {
            "OneHot" => new GraphBuilder(9).Input("x", 2).Constant("i", [1L, 0L, 5L], 3).Constant("depth", [3L], 1).Node("Cast", ["x"], "values", node => node.With("to", 1))
                .Node("OneHot", ["i", "depth", "values"], "y"),
            "CumSum" => new GraphBuilder(11).Input("x", 2, 5).Constant(Tensor.Scalar("axis", 1)).Node("CumSum", ["x", "axis"], "y", node => node.With("reverse", 1)),
            _ => new GraphBuilder(10).Input("x", 2, 5).Constant("m", [0.7f]).Node("Mod", ["x", "m"], "y", node => node.With("fmod", 1)),
        };

        Upgraded.Same(builder.Output("y").Build());
    }
}
