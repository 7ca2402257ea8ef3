using Compress.Models;

namespace Compress.Pruning;

/// <summary>A layer's weights as the matrix of its product, inputs by outputs, with the bias as the last row.</summary>
static class DenseWeights
{
    /// <returns>(inputs + 1) · outputs numbers, row by row.</returns>
    public static float[] Read(Graph graph, Node node)
    {
        var weight = graph.Initializer(node.Input(1))!;
        var (inputs, outputs, outputFirst) = SizesOf(node, weight);
        var values = weight.Floats();
        var matrix = new float[(inputs + 1) * outputs];
        for (var i = 0; i < inputs; i++)
        {
            for (var o = 0; o < outputs; o++)
                matrix[(i * outputs) + o] = outputFirst ? values[(o * inputs) + i] : values[(i * outputs) + o];
        }

        if (graph.Initializer(node.Input(2)) is { } bias)
        {
            var biases = bias.Floats();
            for (var o = 0; o < outputs; o++)
                matrix[(inputs * outputs) + o] = biases.Length == 1 ? biases[0] : biases[o];
        }

        return matrix;
    }

    /// <summary>Puts a matrix as <see cref="Read"/> gives it back into the layer. A MatMul has no bias: its last row must be zero.</summary>
    public static void Write(Graph graph, Node node, float[] matrix)
    {
        var weight = graph.Initializer(node.Input(1))!;
        var (inputs, outputs, outputFirst) = SizesOf(node, weight);
        var values = new float[inputs * outputs];
        for (var i = 0; i < inputs; i++)
        {
            for (var o = 0; o < outputs; o++)
                values[outputFirst ? (o * inputs) + i : (i * outputs) + o] = matrix[(i * outputs) + o];
        }

        graph.SetConstant(node, 1, Tensor.Of<float>(weight.Name, values, weight.Shape));
        if (node.Is("MatMul"))
            return;
        var name = node.Input(2).Length > 0 ? node.Input(2) : weight.Name + ".bias";
        graph.SetConstant(node, 2, Tensor.Of<float>(name, matrix.AsSpan(inputs * outputs), outputs));
    }

    public static (int Inputs, int Outputs, bool OutputFirst) SizesOf(Node node, Tensor weight)
    {
        var outputFirst = node.Is("Conv") || (node.Is("Gemm") && node.Int("transB") != 0);
        var outputs = weight.Shape[outputFirst ? 0 : 1];
        return ((int)(weight.Count / outputs), outputs, outputFirst);
    }
}
