using Compress.Layers;
using Compress.Models;

namespace Compress.Pruning.Forms;

/// <summary>Where a convolution's kernel goes over its input, one number for each spatial axis.</summary>
/// <param name="Kernel">Sizes of the kernel.</param>
/// <param name="Strides">Input positions between outputs.</param>
/// <param name="Dilations">Input positions between kernel positions.</param>
/// <param name="Begin">Zeros before the input.</param>
/// <param name="End">Zeros behind it.</param>
sealed record ConvGeometry(int[] Kernel, int[] Strides, int[] Dilations, int[] Begin, int[] End)
{
    /// <param name="layer">A convolution.</param>
    /// <param name="graph">The model's graph.</param>
    /// <returns>Null where the zeros depend on a size that is not known, or differs from call to call.</returns>
    public static ConvGeometry? Of(Layer layer, Graph graph)
    {
        var (node, kernel) = (layer.Node, layer.Kernel);
        var strides = Numbers(node, "strides", 1);
        var dilations = Numbers(node, "dilations", 1);
        var (begin, end) = (new int[kernel.Length], new int[kernel.Length]);
        var mode = node.Text("auto_pad", "NOTSET");
        switch (mode)
        {
            case "VALID":
                break;
            case "SAME_UPPER" or "SAME_LOWER":
                for (var axis = 0; axis < kernel.Length; axis++)
                {
                    var span = ((kernel[axis] - 1) * dilations[axis]) + 1;
                    if (strides[axis] > 1 && (!HasFixedSizes(graph) || layer.InputShape is null))
                        return null;
                    var size = layer.InputShape?[axis + 2] ?? 0;
                    var outputs = (size + strides[axis] - 1) / strides[axis];
                    var missing = strides[axis] == 1 ? span - 1 : Math.Max(0, ((outputs - 1) * strides[axis]) + span - size);
                    begin[axis] = mode == "SAME_UPPER" ? missing / 2 : (missing + 1) / 2;
                    end[axis] = missing - begin[axis];
                }

                break;
            default:
                if (node.Ints("pads") is { } pads)
                {
                    for (var axis = 0; axis < kernel.Length; axis++)
                        (begin[axis], end[axis]) = ((int)pads[axis], (int)pads[axis + kernel.Length]);
                }

                break;
        }

        return new ConvGeometry(kernel, strides, dilations, begin, end);

        int[] Numbers(Node node, string attribute, int fallback) =>
            node.Ints(attribute) is { } values ? [.. values.Select(value => (int)value)] : [.. kernel.Select(_ => fallback)];
    }

    static bool HasFixedSizes(Graph graph) => graph.Inputs.All(input =>
        input.Type?.TensorType?.Shape is { } shape && shape.Dim.Skip(1).All(size => size.DimValue > 0));
}
