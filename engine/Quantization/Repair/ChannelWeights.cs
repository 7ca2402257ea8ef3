using Compress.Layers;
using Compress.Models;

namespace Compress.Quantization.Repair;

/// <summary>A layer's weight while its channels are scaled: what comes of its rows and columns, without a copy of the weight.</summary>
sealed class ChannelWeights
{
    readonly Graph graph;
    readonly Node node;
    readonly float[] values;
    readonly int[] shape;
    readonly int outer;
    readonly int inner;
    readonly int groups;
    readonly bool isOutputFirst;
    bool isScaled;

    public ChannelWeights(Graph graph, Node node)
    {
        (this.graph, this.node) = (graph, node);
        var weight = graph.Initializer(node.Input(1))!;
        (values, shape) = (weight.Floats().ToArray(), weight.Shape);
        isOutputFirst = LayerCatalog.OutputAxis(node) == 0;
        (outer, inner) = (shape[0] * shape[1], Cost.Count(shape.AsSpan(2)));
        groups = node.Is("Conv") ? (int)node.Int("group", 1) : 1;
    }

    /// <summary>Whether each input channel meets weights of its own output channels alone.</summary>
    public bool IsDepthwise => groups > 1 && shape[1] == 1;

    /// <summary>The greatest magnitude of the weights that give each output channel.</summary>
    public double[] OutputRanges(int channels) => Ranges(channels, (first, second) => isOutputFirst ? first : second);

    /// <summary>The greatest magnitude of the weights that each input channel meets.</summary>
    public double[] InputRanges(int channels) => Ranges(channels, (first, second) => InputChannel(first, second, channels));

    /// <summary>Multiplies the weights of each output channel.</summary>
    public void ScaleOutputs(ReadOnlySpan<double> factors) =>
        Scale(factors, (first, second) => isOutputFirst ? first : second);

    /// <summary>Multiplies the bias of each output channel in the graph.</summary>
    public void ScaleBias(ReadOnlySpan<double> factors)
    {
        if (graph.Initializer(node.Input(2)) is not { } bias)
            return;
        var scaled = bias.Floats().ToArray();
        for (var i = 0; i < scaled.Length; i++)
            scaled[i] = (float)(scaled[i] * factors[i]);
        graph.SetConstant(node, 2, Tensor.Of<float>(bias.Name, scaled, bias.Shape));
    }

    /// <summary>Multiplies the weights that each input channel meets.</summary>
    public void ScaleInputs(double[] factors) => Scale(factors, (first, second) => InputChannel(first, second, factors.Length));

    /// <summary>Puts the scaled weights in the place of the node's.</summary>
    public void Store()
    {
        if (isScaled)
            graph.SetConstant(node, 1, Tensor.Of<float>(node.Input(1), values, shape));
    }

    /// <summary>The channel of what the layer reads; a flattened one stands in several columns, one after another.</summary>
    int InputChannel(int first, int second, int channels)
    {
        if (!isOutputFirst)
            return first / (shape[0] / channels);
        var columns = shape[1] * groups;
        return ((first / (shape[0] / groups) * shape[1]) + second) / (columns / channels);
    }

    double[] Ranges(int channels, Func<int, int, int> channelOf)
    {
        var ranges = new double[channels];
        for (var i = 0; i < outer; i++)
        {
            ref var range = ref ranges[channelOf(i / shape[1], i % shape[1])];
            foreach (var value in values.AsSpan(i * inner, inner))
                range = Math.Max(range, Math.Abs((double)value));
        }

        return ranges;
    }

    void Scale(ReadOnlySpan<double> factors, Func<int, int, int> channelOf)
    {
        isScaled = true;
        for (var i = 0; i < outer; i++)
        {
            var factor = factors[channelOf(i / shape[1], i % shape[1])];
            foreach (ref var value in values.AsSpan(i * inner, inner))
                value = (float)(value * factor);
        }
    }
}
