using Compress.Models;

namespace Compress.Pruning.Forms;

/// <summary>A column kernel and a row kernel one after the other, for depthwise convolutions of which every kernel is the product of two vectors.</summary>
sealed class SeparableLanding : ILanding
{
    /// <summary>Of float32 products, relative to the greatest weight of a kernel.</summary>
    const double Tolerance = 1e-6;

    readonly ConvGeometry geometry;
    readonly float[] columns;
    readonly float[] rows;

    SeparableLanding(ConvGeometry geometry, float[] columns, float[] rows) => (this.geometry, this.columns, this.rows) = (geometry, columns, rows);

    public string Name => $"a {geometry.Kernel[0]}x1 and a 1x{geometry.Kernel[1]} kernel";

    /// <summary>Null where the weight is not of two axes, not depthwise, or no such product.</summary>
    public static SeparableLanding? Of(Tensor weight, ConvGeometry geometry)
    {
        var shape = weight.Shape;
        if (shape is not [var outputs, 1, > 1 and var height, > 1 and var width])
            return null;
        var (columns, rows) = (new float[outputs * height], new float[outputs * width]);
        for (var output = 0; output < outputs; output++)
        {
            var kernel = weight.Floats().Slice(output * height * width, height * width);
            var pivot = 0;
            for (var i = 0; i < kernel.Length; i++)
            {
                if (Math.Abs(kernel[i]) > Math.Abs(kernel[pivot]))
                    pivot = i;
            }

            var greatest = kernel[pivot];
            if (greatest == 0)
                continue;
            for (var y = 0; y < height; y++)
                columns[(output * height) + y] = kernel[(y * width) + (pivot % width)];
            for (var x = 0; x < width; x++)
                rows[(output * width) + x] = kernel[(pivot / width * width) + x] / greatest;
            for (var i = 0; i < kernel.Length; i++)
            {
                if (!(Math.Abs(kernel[i] - (columns[(output * height) + (i / width)] * rows[(output * width) + (i % width)])) <= Tolerance * Math.Abs(greatest)))
                    return null;
            }
        }

        return new SeparableLanding(geometry, columns, rows);
    }

    public IReadOnlyList<Node> Land(Graph graph, Node conv, Tensor weight)
    {
        var outputs = weight.Shape[0];
        var inner = graph.Fresh(conv.Output() + ".columns");
        var column = graph.Add(Tensor.Of<float>(graph.Fresh(weight.Name + ".column"), columns, outputs, 1, geometry.Kernel[0], 1));
        var row = graph.Add(Tensor.Of<float>(graph.Fresh(weight.Name + ".row"), rows, outputs, 1, 1, geometry.Kernel[1]));
        var bias = conv.Input(2);
        var first = Node.Create("Conv", inner, [conv.Input(0), column], [inner]).With("group", conv.Int("group", 1))
            .With("kernel_shape", geometry.Kernel[0], 1).With("strides", geometry.Strides[0], 1).With("dilations", geometry.Dilations[0], 1)
            .With("pads", geometry.Begin[0], 0, geometry.End[0], 0);
        var second = Node.Create("Conv", conv.Name, [inner, row, .. bias.Length > 0 ? new[] { bias } : []], [conv.Output()]).With("group", outputs)
            .With("kernel_shape", 1, geometry.Kernel[1]).With("strides", 1, geometry.Strides[1]).With("dilations", 1, geometry.Dilations[1])
            .With("pads", 0, geometry.Begin[1], 0, geometry.End[1]);
        graph.Replace(conv, first, second);
        return [first, second];
    }
}
