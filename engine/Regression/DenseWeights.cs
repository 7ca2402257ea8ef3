using Compress.Layers;
using Compress.Models;
using Compress.Numerics;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Regression;

/// <summary>A layer's weights as a matrix with a row for each output: what multiplies the inputs, then the bias.</summary>
static class DenseWeights
{
    /// <summary>
    /// Whether the layer multiplies rows of its input by a stored matrix, and adds nothing, or one number for each output.
    /// </summary>
    public static bool CanRead(Graph graph, Node node)
    {
        if (!node.Is("Conv", "Gemm", "MatMul") || graph.Initializer(node.Input(1)) is not { Type: DataType.Float } weight)
            return false;
        if (!node.Is("Conv") && weight.Shape.Length != 2)
            return false;
        if (node.Is("Gemm") && (node.Int("transA") != 0 || node.Float("alpha", 1) != 1 || node.Float("beta", 1) != 1))
            return false;
        return node.Input(2).Length == 0 || (graph.Initializer(node.Input(2)) is { } bias && LayerCatalog.IsBias(bias, SizesOf(node, weight).Outputs));
    }

    public static Matrix Read(Graph graph, Node node)
    {
        var weight = graph.Initializer(node.Input(1))!;
        var (inputs, outputs, outputFirst) = SizesOf(node, weight);
        var values = outputFirst
            ? Matrix.Of(weight.Floats(), outputs, inputs)
            : Matrix.Of(weight.Floats(), inputs, outputs).Transposed();
        var matrix = new Matrix(outputs, inputs + 1);
        var biases = BiasOf(graph, node);
        for (var o = 0; o < outputs; o++)
        {
            values.Row(o).CopyTo(matrix.Row(o));
            matrix.Row(o)[inputs] = biases[o];
        }

        return matrix;
    }

    /// <summary>Puts a matrix as <see cref="Read"/> gives it back into the layer. A MatMul has no bias: its last column is dropped.</summary>
    public static void Write(Graph graph, Node node, Matrix matrix)
    {
        var weight = graph.Initializer(node.Input(1))!;
        var (inputs, outputs, outputFirst) = SizesOf(node, weight);
        var values = new Matrix(outputs, inputs);
        var biases = new double[outputs];
        for (var o = 0; o < outputs; o++)
        {
            matrix.Row(o)[..inputs].CopyTo(values.Row(o));
            biases[o] = matrix[o, inputs];
        }

        graph.SetConstant(node, 1, Tensor.Of<float>(weight.Name, (outputFirst ? values : values.Transposed()).ToFloats(), weight.Shape));
        if (!node.Is("MatMul"))
            SetBias(graph, node, biases);
    }

    /// <summary>A number for each output; zeros where the layer has no bias.</summary>
    public static double[] BiasOf(Graph graph, Node node)
    {
        var biases = new double[SizesOf(node, graph.Initializer(node.Input(1))!).Outputs];
        if (graph.Initializer(node.Input(2)) is { } bias)
            System.Numerics.Tensors.TensorPrimitives.ConvertTruncating(bias.Floats(), biases);
        return biases;
    }

    /// <summary>Gives a Conv or Gemm a bias in the place of the one that it has, or has not.</summary>
    public static void SetBias(Graph graph, Node node, double[] biases) => graph.SetConstant(
        node, 2, Tensor.Of<float>(node.Input(2).Length > 0 ? node.Input(2) : node.Input(1) + ".bias", Array.ConvertAll(biases, bias => (float)bias), biases.Length));

    public static (int Inputs, int Outputs, bool OutputFirst) SizesOf(Node node, Tensor weight)
    {
        var axis = LayerCatalog.OutputAxis(node);
        var outputs = weight.Shape[axis];
        return ((int)(weight.Count / outputs), outputs, axis == 0);
    }
}
