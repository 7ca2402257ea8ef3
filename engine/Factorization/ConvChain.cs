using Compress.Layers;
using Compress.Models;

namespace Compress.Factorization;

/// <summary>Convolutions one after another that take the place of one. The last adds its bias and makes its output.</summary>
sealed class ConvChain(Graph graph, Layer layer)
{
    readonly List<(Node Node, Tensor Weight)> parts = [];

    /// <summary>A 1x1 convolution, or whatever that is on the layer's axes.</summary>
    /// <param name="part">What the part is called, behind the layer's name.</param>
    /// <param name="weight">Outputs x inputs of a group.</param>
    /// <param name="outputs">Its output channels.</param>
    /// <param name="groups">Its groups.</param>
    public ConvChain Pointwise(string part, float[] weight, int outputs, int groups = 1)
    {
        var ones = Enumerable.Repeat(1, layer.Kernel.Length).ToArray();
        Add(part, weight, outputs, ones).With("kernel_shape", ones.Select(size => (long)size));
        if (groups > 1)
            parts[^1].Node.With("group", groups);
        return this;
    }

    /// <summary>A convolution with the layer's own kernel size, stride, padding, dilation and groups.</summary>
    public ConvChain Whole(string part, float[] weight, int outputs)
    {
        Add(part, weight, outputs, layer.Kernel).WithAttributesOf(layer.Node);
        return this;
    }

    /// <summary>A convolution along one of the layer's axes, with the stride, padding and dilation that the layer has on it.</summary>
    /// <param name="part">What the part is called.</param>
    /// <param name="axis">The axis: 0 for the first spatial one.</param>
    /// <param name="weight">Outputs x inputs of a group x positions on the axis.</param>
    /// <param name="outputs">Its output channels.</param>
    /// <param name="groups">Its groups.</param>
    public ConvChain Along(string part, int axis, float[] weight, int outputs, int groups)
    {
        var axes = layer.Kernel.Length;
        var kernel = layer.Kernel.Select((size, i) => i == axis ? size : 1).ToArray();
        var node = Add(part, weight, outputs, kernel).With("group", groups).With("kernel_shape", kernel.Select(size => (long)size));
        if (layer.Node.Ints("strides") is { } strides)
            node.With("strides", strides.Select((stride, i) => i == axis ? stride : 1));
        if (layer.Node.Ints("dilations") is { } dilations)
            node.With("dilations", dilations.Select((dilation, i) => i == axis ? dilation : 1));
        if (layer.Node.Ints("pads") is { } pads)
            node.With("pads", pads.Select((pad, i) => i % axes == axis ? pad : 0));
        // What is left is auto_pad, which finds the padding of each axis by itself.
        node.WithAttributesOf(layer.Node);
        return this;
    }

    public Replacement Finish()
    {
        var (last, _) = parts[^1];
        var (before, weight) = (last.Input(0), last.Input(1));
        string[] bias = layer.Node.Input(2).Length > 0 ? [layer.Node.Input(2)] : [];
        var ending = Node.Create("Conv", last.Name, [before, weight, .. bias], [layer.Node.Output()]).WithAttributesOf(last);
        return new Replacement([.. parts.SkipLast(1).Select(part => part.Node), ending], [.. parts.Select(part => part.Weight)]);
    }

    Node Add(string part, float[] values, int outputs, int[] kernel)
    {
        var inputs = values.Length / outputs / (int)Cost.Product(kernel);
        var weight = Tensor.Of<float>(graph.Fresh($"{layer.Weight.Name}.{part}"), values, [outputs, inputs, .. kernel]);
        var name = graph.Fresh($"{layer.Name}/{part}");
        var input = parts.Count == 0 ? layer.Node.Input(0) : parts[^1].Node.Output();
        parts.Add((Node.Create("Conv", name, [input, weight.Name], [graph.Fresh($"{name}_output")]), weight));
        return parts[^1].Node;
    }
}
