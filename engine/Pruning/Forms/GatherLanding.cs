using Compress.Models;

namespace Compress.Pruning.Forms;

/// <summary>
/// The input, shifted once for each position, side by side, and a 1x1 convolution over them: the matrix product that a convolution is, without
/// the columns that would meet zeros. It is for convolutions of one group.
/// </summary>
sealed class GatherLanding(int[] positions, ConvGeometry geometry) : ILanding
{
    public string Name => $"{positions.Length} shifted inputs and a 1x1 kernel";

    public IReadOnlyList<Node> Land(Graph graph, Node conv, Tensor weight)
    {
        var nodes = new List<Node>();
        var source = conv.Input(0);
        if (geometry.Begin.Concat(geometry.End).Any(pad => pad > 0))
            source = Add(InputSlices.Pad(graph, source, geometry.Begin, geometry.End));

        // The window of an output position starts at stride · position; a kernel position lies its coordinate · dilation behind that.
        var shifted = positions.Select(position =>
        {
            var at = KernelLattice.Coordinates(position, geometry.Kernel);
            int[] first = [.. at.Zip(geometry.Dilations, (coordinate, dilation) => coordinate * dilation)];
            int[] last = [.. first.Select((offset, axis) => ((geometry.Kernel[axis] - 1) * geometry.Dilations[axis]) - offset)];
            return Add(InputSlices.Slice(graph, source, first, last, geometry.Strides));
        }).ToList();
        var columns = shifted[0];
        if (shifted.Count > 1)
        {
            columns = graph.Fresh(conv.Input(0) + ".columns");
            Add(Node.Create("Concat", columns, shifted, [columns]).With("axis", 1));
        }

        var bias = conv.Input(2);
        string[] inputs = [columns, graph.Add(KernelColumns.ToPointwise(weight, positions).Renamed(graph.Fresh(weight.Name + ".columns"))), .. bias.Length > 0 ? new[] { bias } : []];
        var pointwise = Node.Create("Conv", conv.Name, inputs, [conv.Output()]).With("kernel_shape", geometry.Kernel.Select(_ => 1L));
        graph.Replace(conv, [.. nodes, pointwise]);
        return [pointwise];

        string Add(Node node)
        {
            nodes.Add(node);
            return node.Output();
        }
    }
}
