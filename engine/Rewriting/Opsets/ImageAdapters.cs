using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Rewriting.Opsets;

/// <summary>Operators that sample images.</summary>
static class ImageAdapters
{
    /// <summary>Upsample 9: <c>scales</c> is an input.</summary>
    public static string? Upsample9(OpsetEdit edit)
    {
        var scales = edit.Node.FloatList("scales");
        edit.SetConstant(1, "scales", Tensor.Of<float>("", scales, scales.Length));
        edit.Node.Without("scales");
        return null;
    }

    /// <summary>
    /// Upsample 10: it is gone, and Resize takes its place. Upsample never shrinks, so that its nearest pixel is always the one
    /// before; <see cref="Resize11"/> could not tell that from scales that are computed.
    /// </summary>
    public static string? Upsample10(OpsetEdit edit)
    {
        var resize = edit.Become("Resize", edit.Node.Inputs);
        if (edit.Target >= 11 && resize.Text("mode", "nearest") == "nearest")
            resize.With("nearest_mode", "floor");
        return null;
    }

    /// <summary>
    /// Resize 11: a region comes between input and scales, and attributes say how pixels are mapped: as before with
    /// <c>asymmetric</c>. The nearest pixel was the one before where an axis grows and the one after where it shrinks.
    /// </summary>
    public static string? Resize11(OpsetEdit edit)
    {
        var node = edit.Node;
        if (node.Text("mode", "nearest") == "nearest" && !node.Has("nearest_mode"))
        {
            if (edit.Graph.Initializer(node.Input(1)) is not { Type: DataType.Float } scales)
                return "its scales are computed, so that it is not known whether it takes the pixel before or after";
            var shrinks = scales.Floats().ToArray().Any(scale => scale < 1);
            if (shrinks && scales.Floats().ToArray().Any(scale => scale > 1))
                return "it takes the nearest pixel and both grows and shrinks, which rounded in two ways";
            node.With("nearest_mode", shrinks ? "ceil" : "floor");
        }

        node.With("coordinate_transformation_mode", "asymmetric");
        edit.Graph.SetInput(node, 2, node.Input(1));
        edit.SetConstant(1, "roi", Tensor.Of<float>("", [], 0));
        return null;
    }

    /// <summary>Resize 13: <c>tf_half_pixel_for_nn</c> is gone. From 18 on whatever is new is off where it is not set.</summary>
    public static string? Resize13(OpsetEdit edit) =>
        edit.Node.Text("coordinate_transformation_mode") == "tf_half_pixel_for_nn" ? "'tf_half_pixel_for_nn' is gone" : null;

    /// <summary>RoiAlign 16: by default pixels are shifted by a half, which they were not before.</summary>
    public static string? RoiAlign16(OpsetEdit edit)
    {
        edit.Node.With("coordinate_transformation_mode", "output_half_pixel");
        return null;
    }

    /// <summary>GridSample 20: <c>bilinear</c> and <c>bicubic</c> are called <c>linear</c> and <c>cubic</c>.</summary>
    public static string? GridSample20(OpsetEdit edit)
    {
        var mode = edit.Node.Text("mode", "bilinear");
        edit.Node.With("mode", mode switch { "bilinear" => "linear", "bicubic" => "cubic", _ => mode });
        return null;
    }
}
