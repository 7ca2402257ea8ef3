using Compress.Layers;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Rewriting;

/// <summary>
/// Folds BatchNormalization into the convolution before it: with s = γ / √(σ² + ε), the filters become s·W and the bias
/// s·(b − μ) + β (Ioffe and Szegedy 2015, at inference).
/// </summary>
public sealed class BatchNormalizationFolding : IRewrite
{
    public string Name => "batch normalization is folded";

    public int Apply(Model model) => model.Graph.WithBodies().ToArray().Sum(graph => Apply(graph, model.Opset));

    static int Apply(Graph graph, int opset)
    {
        var folded = 0;
        foreach (var normalization in graph.Nodes.Where(node => IsInference(node, opset)).ToArray())
        {
            if (graph.Producer(normalization.Input(0)) is { } convolution && CanFold(graph, convolution, normalization)
                && Fold(graph, convolution, normalization))
            {
                folded++;
            }
        }

        return folded;
    }

    static bool IsInference(Node node, int opset) =>
        node.Is("BatchNormalization")
        && node.Outputs.Count(name => name.Length > 0) == 1
        && node.Int("training_mode") == 0
        && node.Int("spatial", 1) == 1
        && (opset >= 7 || node.Int("is_test") != 0);

    static bool CanFold(Graph graph, Node convolution, Node normalization) =>
        (convolution.Is("Conv") || (convolution.Is("ConvTranspose") && convolution.Int("group", 1) == 1))
        && graph.OnlyConsumer(convolution.Output()) == normalization
        && IsFloat(graph, convolution.Input(1))
        && (convolution.Input(2).Length == 0 || IsFloat(graph, convolution.Input(2)))
        && Enumerable.Range(1, 4).All(i => IsFloat(graph, normalization.Input(i)));

    static bool IsFloat(Graph graph, string name) => graph.Initializer(name) is { Type: DataType.Float };

    static bool Fold(Graph graph, Node convolution, Node normalization)
    {
        var weight = graph.Initializer(convolution.Input(1))!;
        var shape = weight.Shape;
        var channelAxis = convolution.Is("Conv") ? 0 : 1;
        var channels = shape[channelAxis];
        var inner = Cost.Count(shape.AsSpan(channelAxis + 1));

        var (gamma, beta) = (Parameter(1), Parameter(2));
        var (mean, variance) = (Parameter(3), Parameter(4));
        if (gamma.Length != channels || beta.Length != channels || mean.Length != channels || variance.Length != channels)
            return false;
        var bias = convolution.Input(2).Length > 0 ? graph.Initializer(convolution.Input(2))!.Floats() : new float[channels];
        var epsilon = normalization.Float("epsilon", 1e-5f);
        var scale = new double[channels];
        var foldedBias = new float[channels];
        for (var channel = 0; channel < channels; channel++)
        {
            scale[channel] = gamma[channel] / Math.Sqrt((double)variance[channel] + epsilon);
            foldedBias[channel] = (float)((scale[channel] * ((double)bias[channel] - mean[channel])) + beta[channel]);
        }

        graph.SetConstant(convolution, 1, Tensor.Create<float, int>(weight.Name, shape, inner, (folded, inner) =>
        {
            var values = weight.Floats();
            for (var i = 0; i < folded.Length; i++)
                folded[i] = (float)(values[i] * scale[i / inner % channels]);
        }));
        graph.SetConstant(convolution, 2, Tensor.Of<float>(Stem(), foldedBias, channels));
        graph.Remove(normalization);
        graph.SetOutput(convolution, 0, normalization.Output());
        return true;

        float[] Parameter(int index) => graph.Initializer(normalization.Input(index))!.Floats().ToArray();

        string Stem() => convolution.Input(2).Length > 0 ? convolution.Input(2) : weight.Name + ".bias";
    }
}
