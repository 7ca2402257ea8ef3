using Compress.Models;

namespace Compress.Pruning.Forms;

/// <summary>
/// A smaller kernel, dilated where the positions lie apart. Its zeros around the input are as many fewer on each side as the kernel lost
/// there, so that outputs stay where they were: begin − start·d and end − (K − 1 − last)·d. Where that is negative, the input is cut.
/// </summary>
sealed class WindowLanding(KernelLattice lattice, ConvGeometry geometry) : ILanding
{
    public string Name => $"a {string.Join('x', lattice.Size)} kernel{(lattice.IsDilated ? " with dilation" : "")}";

    public IReadOnlyList<Node> Land(Graph graph, Node conv, Tensor weight)
    {
        var axes = geometry.Kernel.Length;
        var (begin, end, dilations) = (new int[axes], new int[axes], new int[axes]);
        for (var axis = 0; axis < axes; axis++)
        {
            var last = lattice.Start[axis] + ((lattice.Size[axis] - 1) * lattice.Step[axis]);
            begin[axis] = geometry.Begin[axis] - (lattice.Start[axis] * geometry.Dilations[axis]);
            end[axis] = geometry.End[axis] - ((geometry.Kernel[axis] - 1 - last) * geometry.Dilations[axis]);
            dilations[axis] = geometry.Dilations[axis] * lattice.Step[axis];
        }

        if (begin.Concat(end).Any(pad => pad < 0))
        {
            var cut = InputSlices.Cut(graph, conv.Input(0), [.. begin.Select(pad => Math.Max(0, -pad))], [.. end.Select(pad => Math.Max(0, -pad))]);
            graph.InsertBefore(conv, cut);
            graph.SetInput(conv, 0, cut.Output());
        }

        conv.With("kernel_shape", lattice.Size.Select(size => (long)size)).With("dilations", dilations.Select(size => (long)size))
            .With("pads", begin.Concat(end).Select(pad => (long)Math.Max(0, pad))).Without("auto_pad");
        graph.SetConstant(conv, 1, KernelColumns.Select(weight, lattice.Positions(geometry.Kernel), lattice.Size));
        return [conv];
    }
}
