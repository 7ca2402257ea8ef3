using Compress.Layers;
using Compress.Models;
using Compress.Numerics;

namespace Compress.Pruning;

/// <summary>A layer's weights as the matrix of its product, inputs x outputs, with the bias as the last row.</summary>
static class DenseWeights
{
    /// <summary>Whether what is added to the product is nothing, or one number for each output.</summary>
    public static bool CanRead(Graph graph, Node node) => node.Input(2).Length == 0
        || (graph.Initializer(node.Input(2)) is { } bias && LayerCatalog.IsBias(bias, SizesOf(node, graph.Initializer(node.Input(1))!).Outputs));

    public static Matrix Read(Graph graph, Node node)
    {
        var weight = graph.Initializer(node.Input(1))!;
        var (inputs, outputs, outputFirst) = SizesOf(node, weight);
        var values = outputFirst
            ? Matrix.Of(weight.Floats(), outputs, inputs).Transposed()
            : Matrix.Of(weight.Floats(), inputs, outputs);
        var matrix = new Matrix(inputs + 1, outputs);
        values.Values.CopyTo(matrix.Values, 0);
        if (graph.Initializer(node.Input(2)) is { } bias)
        {
            var biases = bias.Floats();
            for (var o = 0; o < outputs; o++)
                matrix.Values[(inputs * outputs) + o] = biases[o];
        }

        return matrix;
    }

    /// <summary>Puts a matrix as <see cref="Read"/> gives it back into the layer. A MatMul has no bias: its last row is dropped.</summary>
    public static void Write(Graph graph, Node node, Matrix matrix)
    {
        var weight = graph.Initializer(node.Input(1))!;
        var (inputs, outputs, outputFirst) = SizesOf(node, weight);
        var values = new Matrix(inputs, outputs, matrix.Values[..(inputs * outputs)]);
        graph.SetConstant(node, 1, Tensor.Of<float>(weight.Name, (outputFirst ? values.Transposed() : values).ToFloats(), weight.Shape));
        if (node.Is("MatMul"))
            return;
        var name = node.Input(2).Length > 0 ? node.Input(2) : weight.Name + ".bias";
        graph.SetConstant(node, 2, Tensor.Of<float>(name, new Matrix(1, outputs, matrix.Row(inputs).ToArray()).ToFloats(), outputs));
    }

    public static (int Inputs, int Outputs, bool OutputFirst) SizesOf(Node node, Tensor weight)
    {
        var outputFirst = node.Is("Conv") || (node.Is("Gemm") && node.Int("transB") != 0);
        var outputs = weight.Shape[outputFirst ? 0 : 1];
        return ((int)(weight.Count / outputs), outputs, outputFirst);
    }
}
