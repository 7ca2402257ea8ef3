using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Pruning;

/// <summary>Takes channels out of every constant that is laid out by them.</summary>
public static class ChannelRemoval
{
    /// <summary>Keeps the given channels of a group, in their order; the rest are gone from the graph.</summary>
    /// <param name="graph">The graph that the group was found in.</param>
    /// <param name="group">A group that nothing pins.</param>
    /// <param name="kept">Channels to keep, ascending; at least one.</param>
    public static void Keep(Graph graph, ChannelGroup group, int[] kept)
    {
        foreach (var slice in group.Producers.Concat(group.Consumers).Concat(group.Riders))
        {
            var constant = graph.Initializer(slice.Node.Input(slice.Input))!;
            if (slice.Node.Is("Reshape"))
            {
                var size = constant.Values<long>().ToArray();
                size[1] = (long)kept.Length * slice.Block;
                graph.SetConstant(slice.Node, slice.Input, Tensor.Of<long>(constant.Name, size, size.Length));
                continue;
            }

            graph.SetConstant(slice.Node, slice.Input, Select(constant, slice.Axis, kept, slice.Block));
            if (slice.Node.Is("Conv") && slice.Input == 1 && slice.Node.Int("group", 1) > 1)
                slice.Node.With("group", kept.Length);
        }
    }

    /// <summary>The entries of some blocks along an axis.</summary>
    public static Tensor Select(Tensor tensor, int axis, int[] kept, int block)
    {
        var shape = tensor.Shape;
        var inner = block;
        for (var i = axis + 1; i < shape.Length; i++)
            inner *= shape[i];
        var stride = shape[axis] / block * inner;
        var outer = (int)(tensor.Count / stride);
        var source = tensor.Floats();
        var target = new float[outer * kept.Length * inner];
        for (var o = 0; o < outer; o++)
        {
            for (var k = 0; k < kept.Length; k++)
                source.Slice((o * stride) + (kept[k] * inner), inner).CopyTo(target.AsSpan(((o * kept.Length) + k) * inner));
        }

        shape[axis] = kept.Length * block;
        return Tensor.Of<float>(tensor.Name, target, shape);
    }
}
