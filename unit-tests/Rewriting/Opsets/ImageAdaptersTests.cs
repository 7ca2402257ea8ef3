using Compress.Models;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Rewriting.Opsets;

public class ImageAdaptersTests
{
    [Theory]
    [InlineData("nearest", 2f, 2f)]
    [InlineData("nearest", 1.5f, 2.7f)]
    [InlineData("linear", 2f, 3f)]
    [InlineData("linear", 1.5f, 2.7f)]
    public void Upsample_becomes_resize(string mode, float height, float width)
    {
        var model = new GraphBuilder(7).Input("x", 1, 2, 5, 7)
            .Node("Upsample", ["x"], "y", node => node.With("mode", mode).WithFloats("scales", 1, 1, height, width)).Output("y").Build();

        Assert.Equal("Resize", Upgraded.Same(model).Graph.Producer("y")!.OpType);
    }

    [Fact]
    public void Upsample_by_scales_that_are_computed_becomes_resize()
    {
        var model = new GraphBuilder(9).Input("x", 1, 2, 5, 7).Constant("one", [1f, 1f, 1f, 1f]).Constant("more", [0f, 0f, 1f, 1f]).Node("Add", ["one", "more"], "scales")
            .Node("Upsample", ["x", "scales"], "y", node => node.With("mode", "nearest")).Output("y").Build();

        Upgraded.Same(model);
    }

    [Theory]
    [InlineData("nearest", 2f, 1.3f)]
    [InlineData("nearest", 0.5f, 0.7f)]
    [InlineData("nearest", 1f, 0.37f)]
    [InlineData("linear", 2f, 0.6f)]
    [InlineData("linear", 0.5f, 0.7f)]
    public void Resize_maps_its_pixels_as_before(string mode, float height, float width)
    {
        var model = new GraphBuilder(10).Input("x", 1, 2, 9, 11).Constant("scales", [1f, 1f, height, width])
            .Node("Resize", ["x", "scales"], "y", node => node.With("mode", mode)).Output("y").Build();

        Upgraded.Same(model);
    }

    [Fact]
    public void Resize_to_the_nearest_pixel_that_rounds_in_two_ways_is_refused()
    {
        var model = new GraphBuilder(10).Input("x", 1, 2, 9, 11).Constant("scales", [1f, 1f, 0.5f, 2f]).Node("Resize", ["x", "scales"], "y").Output("y").Build();

        Assert.Contains("both grows and shrinks", Upgraded.Refused(model));
    }

    [Fact]
    public void Resize_to_the_nearest_pixel_by_scales_that_are_computed_is_refused()
    {
        var model = new GraphBuilder(10).Input("x", 1, 2, 9, 11).Constant("half", [1f, 1f, 0.5f, 0.5f]).Node("Relu", ["half"], "scales")
            .Node("Resize", ["x", "scales"], "y").Output("y").Build();

        Assert.Contains("its scales are computed", Upgraded.Refused(model));
        Assert.Contains("Resize '/y' cannot follow to opset 11", Upgraded.Refused(model));
    }

    [Theory]
    [InlineData("half_pixel", "linear")]
    [InlineData("pytorch_half_pixel", "cubic")]
    [InlineData("align_corners", "linear")]
    [InlineData("asymmetric", "nearest")]
    public void Resize_with_a_mapping_of_its_own_keeps_it(string mapping, string mode) => Upgraded.Same(new GraphBuilder(11).Input("x", 1, 2, 9, 11)
        .Constant("roi", Array.Empty<float>()).Constant("scales", [1f, 1f, 1.7f, 0.8f])
        .Node("Resize", ["x", "roi", "scales"], "y", node => node.With("mode", mode).With("coordinate_transformation_mode", mapping)).Output("y").Build());

    [Fact]
    public void Resize_as_an_old_TensorFlow_did_is_refused_from_13_on()
    {
        var model = new GraphBuilder(11).Input("x", 1, 2, 9, 11).Constant("roi", Array.Empty<float>()).Constant("scales", [1f, 1f, 0.5f, 0.5f])
            .Node("Resize", ["x", "roi", "scales"], "y", node => node.With("coordinate_transformation_mode", "tf_half_pixel_for_nn")).Output("y").Build();

        Assert.Contains("Resize '/y' cannot follow to opset 13: 'tf_half_pixel_for_nn' is gone", Upgraded.Refused(model));
        Upgraded.To(model, 12);
    }

    [Fact]
    public void RoiAlign_does_not_shift_its_pixels() => Upgraded.Same(new GraphBuilder(10).Input("x", 1, 2, 8, 8).Constant("rois", [0.5f, 1f, 5f, 6.3f], 1, 4)
        .Constant("batch", [0L], 1).Node("RoiAlign", ["x", "rois", "batch"], "y", node => node.With("output_height", 3).With("output_width", 3)).Output("y").Build());

    [Theory]
    [InlineData(null)]
    [InlineData("bilinear")]
    [InlineData("bicubic")]
    [InlineData("nearest")]
    public void GridSample_calls_its_modes_by_shorter_names(string? mode) => Upgraded.Same(new GraphBuilder(16).Input("x", 1, 2, 5, 5).Random("grid", 0.5f, 1, 3, 4, 2)
        .Node("GridSample", ["x", "grid"], "y", node => _ = mode is null ? node : node.With("mode", mode)).Output("y").Build());

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    public void Average_pools_of_different_kernels_count_the_same_pixels(int ceil, int countPad)
    {
        var model = new GraphBuilder(10).Input("x", 1, 2, 8, 8).Node("AveragePool", ["x"], "y", node => node.With("kernel_shape", 3, 3).With("strides", 2, 2)
            .With("pads", 1, 1, 1, 1).With("ceil_mode", ceil).With("count_include_pad", countPad)).Output("y").Build();

        Upgraded.Same(model, tolerance: 1e-6);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(12)]
    public void Max_pools_stay_as_they_are(int opset) => Upgraded.Same(new GraphBuilder(opset).Input("x", 1, 2, 9, 9)
        .Node("MaxPool", ["x"], "y", node => node.With("kernel_shape", 3, 3).With("strides", 2, 2).With("auto_pad", "SAME_LOWER")).Output("y").Build());
}
