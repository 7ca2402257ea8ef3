using Compress.Layers;
using Compress.Models;
using Compress.Techniques;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization.Repair;

/// <summary>
/// Two layers, the second of which reads what the first gives, with nothing between them that would not scale along: f(x/s) = f(x)/s for
/// each channel. A layer may have several readers that are such layers.
/// </summary>
/// <param name="Producer">The output of the first layer, by which clones of a model have it too.</param>
/// <param name="Activation">The tensor behind the first layer's activation function, with channels along its second axis.</param>
/// <param name="Consumers">The outputs of the layers that read it.</param>
/// <param name="Channels">The first layer's output channels.</param>
/// <param name="High">The upper bound of a Clip in between; infinite where there is none.</param>
sealed record EqualizationPair(string Producer, string Activation, IReadOnlyList<string> Consumers, int Channels, float High)
{
    /// <summary>Every pair in a graph.</summary>
    /// <param name="graph">A float graph whose batch normalization is folded.</param>
    /// <param name="isWanted">Whether a layer is to gain from it, by its output.</param>
    public static IEnumerable<EqualizationPair> In(Graph graph, Func<string, bool> isWanted) =>
        graph.Nodes.Select(node => From(graph, node)).OfType<EqualizationPair>().Where(pair => pair.Consumers.Any(isWanted));

    static EqualizationPair? From(Graph graph, Node first)
    {
        if (!CanScale(graph, first) || !first.Is("Conv", "Gemm"))
            return null;
        var channels = graph.Initializer(first.Input(1))!.Shape[LayerCatalog.OutputAxis(first)];
        var (tensor, activation, high, isFlat) = (first.Output(), first.Output(), float.PositiveInfinity, false);
        while (!graph.IsOutput(tensor))
        {
            var readers = graph.Consumers(tensor);
            if (readers.Count > 0 && readers.All(reader => Reads(graph, reader, tensor, channels, isFlat)))
                return new EqualizationPair(first.Output(), activation, [.. readers.Select(reader => reader.Output())], channels, high);
            if (readers is not [var next] || next.Input(0) != tensor || graph.Bodies(next).Any())
                return null;
            if (next.Is("Relu", "LeakyRelu") && tensor == first.Output())
                activation = next.Output();
            else if (next.Is("Clip") && tensor == first.Output() && UpperBound(graph, next) is { } bound)
                (activation, high) = (next.Output(), bound);
            else if (next.Is("Flatten") && next.Int("axis", 1) == 1)
                isFlat = true;
            else if (!(next.Is("MaxPool") && next.Output(1).Length == 0) && !next.Is("AveragePool", "GlobalAveragePool"))
                return null;
            tensor = next.Output();
        }

        return null;
    }

    /// <summary>Whether a node is a layer whose input channels can be scaled, and reads the tensor as its input alone.</summary>
    static bool Reads(Graph graph, Node node, string tensor, int channels, bool isFlat)
    {
        if (!node.Is("Conv", "Gemm", "MatMul") || node.Input(0) != tensor || node.Inputs.Skip(1).Contains(tensor) || !CanScale(graph, node))
            return false;
        var shape = graph.Initializer(node.Input(1))!.Shape;
        // A MatMul over more than a matrix has its channels along the last axis, which no Conv gives.
        return node.Is("Conv") ? !isFlat && shape[1] * (int)node.Int("group", 1) == channels : shape[1 - LayerCatalog.OutputAxis(node)] % channels == 0 && (isFlat || shape[1 - LayerCatalog.OutputAxis(node)] == channels);
    }

    static bool CanScale(Graph graph, Node node)
    {
        if (!node.Is("Conv", "Gemm", "MatMul") || node.Int("transA") != 0 || node.Float("alpha", 1) != 1
            || graph.Initializer(node.Input(1)) is not { Type: DataType.Float } weight || graph.Consumers(weight.Name).Count != 1 || weight.Count == 0
            || (!node.Is("Conv") && weight.Shape.Length != 2))
        {
            return false;
        }

        return node.Is("MatMul") || HasPlainBias(graph, node, weight.Shape[LayerCatalog.OutputAxis(node)]);
    }

    static bool HasPlainBias(Graph graph, Node node, int channels) =>
        node.Input(2).Length == 0 || LayerBias.CanShift(graph, node, channels);

    /// <summary>The upper bound of a Clip to [0, high], high > 0; null for others.</summary>
    static float? UpperBound(Graph graph, Node clip)
    {
        var low = clip.Input(1).Length == 0 ? clip.Float("min", float.NegativeInfinity) : Value(clip.Input(1));
        var high = clip.Input(2).Length == 0 ? clip.Float("max", float.PositiveInfinity) : Value(clip.Input(2));
        return (low is 0 or float.NegativeInfinity) && high > 0 ? high : null;

        float? Value(string name) => graph.Initializer(name) is { Count: 1, Type: DataType.Float } bound ? bound.Floats()[0] : null;
    }
}
