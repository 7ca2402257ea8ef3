using Compress.Models;

namespace Compress.Pruning.Dependencies;

/// <summary>Operators that change the size of images.</summary>
static class SpatialRules
{
    /// <summary>Padding along a tracked axis adds indices that stay.</summary>
    public static bool Pad(Trace trace, Node node)
    {
        if (trace.LayoutOf(node.Input(0)) is not { } layout)
            return true;
        var axes = trace.Integers(node, 3, "axes") ?? [.. Enumerable.Range(0, layout.Length).Select(axis => (long)axis)];
        if (trace.Integers(node, 1, "pads") is not { } pads || pads.Length != 2 * axes.Length || (node.Input(3).Length > 0 && trace.Graph.Initializer(node.Input(3)) is null))
            return false;
        var output = layout.ToArray();
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = (int)(axes[i] < 0 ? axes[i] + layout.Length : axes[i]);
            var (before, after) = ((int)pads[i], (int)pads[i + axes.Length]);
            if (layout[axis] is not { } units || (before == 0 && after == 0))
                continue;
            if (before < 0 || after < 0 || node.Text("mode", "constant") != "constant")
                return false;
            output[axis] = [.. Enumerable.Repeat(Trace.Fixed, before), .. units, .. Enumerable.Repeat(Trace.Fixed, after)];
        }

        trace.Set(node.Output(), output);
        return true;
    }

    /// <summary>Resize and Upsample: axes that keep their size are followed.</summary>
    public static bool Resize(Trace trace, Node node)
    {
        if (trace.LayoutOf(node.Input(0)) is not { } layout)
            return true;
        if (trace.ShapeOf(node.Output()) is not { } to || to.Length != layout.Length)
            return false;
        var output = new int[]?[to.Length];
        for (var axis = 0; axis < to.Length; axis++)
        {
            if (layout[axis]?.Length == to[axis])
                output[axis] = layout[axis];
            else
                trace.Pin(layout[axis], $"its channels are mixed by {node}");
        }

        if (!FollowsSizes(trace, node, output))
            return false;
        trace.Set(node.Output(), output);
        return true;
    }

    /// <summary>[N, C·b², H, W] to [N, C, H·b, W·b].</summary>
    public static bool DepthToSpace(Trace trace, Node node)
    {
        trace.Only(node, 0, 1);
        if (trace.Axis(node.Input(0), 1) is not { } units)
            return true;
        var positions = (int)(node.Int("blocksize") * node.Int("blocksize"));
        var channels = units.Length / positions;
        var isDepthFirst = node.Text("mode", "DCR") == "DCR";
        var joint = new int[channels];
        for (var channel = 0; channel < channels; channel++)
        {
            joint[channel] = At(channel, 0);
            for (var position = 1; position < positions; position++)
                joint[channel] = trace.Join(joint[channel], At(channel, position), node);
        }

        trace.Set(node.Output(), [null, joint, null, null]);
        return true;

        int At(int channel, int position) => units[isDepthFirst ? (position * channels) + channel : (channel * positions) + position];
    }

    /// <summary>[N, C, H, W] to [N, b²·C, H/b, W/b].</summary>
    public static bool SpaceToDepth(Trace trace, Node node)
    {
        trace.Only(node, 0, 1);
        if (trace.Axis(node.Input(0), 1) is not { } units)
            return true;
        var positions = (int)(node.Int("blocksize") * node.Int("blocksize"));
        trace.Set(node.Output(), [null, [.. Enumerable.Repeat(units, positions).SelectMany(all => all)], null, null]);
        return true;
    }

    static bool FollowsSizes(Trace trace, Node node, int[]?[] output)
    {
        var axes = node.Ints("axes") is { } given ? given.Select(axis => (int)(axis < 0 ? axis + output.Length : axis)).ToArray() : [.. Enumerable.Range(0, output.Length)];
        if (node.Input(3).Length > 0)
        {
            if (SizeRules.ElementsOf(trace, node, 3) is not { } elements || elements.Length != axes.Length)
                return false;
            for (var i = 0; i < axes.Length; i++)
                trace.Size(elements[i], output[axes[i]], node);
            return true;
        }

        var scales = node.FloatList("scales") is { Length: > 0 } attribute ? attribute
            : trace.Graph.Initializer(node.Input(node.Inputs.Count > 2 ? 2 : 1)) is { Type: Onnx.TensorProto.Types.DataType.Float } constant ? constant.Floats().ToArray() : null;
        return scales is not null && scales.Length == axes.Length
            && axes.Index().All(entry => output[entry.Item] is null || scales[entry.Index] == 1);
    }
}
