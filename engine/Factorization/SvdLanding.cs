using Compress.Layers;
using Compress.Models;
using Compress.Numerics;

namespace Compress.Factorization;

/// <summary>
/// A truncated SVD of a dense layer as two products of the layer's own kind. The factors keep the weight's orientation, so that
/// later passes treat them as they would the layer; scales and bias of a Gemm stay with the second product.
/// </summary>
static class SvdLanding
{
    /// <param name="graph">The graph, for names.</param>
    /// <param name="layer">A Gemm or MatMul.</param>
    /// <param name="factors">For each matrix of the weight L, rows x rank, and R, rank x columns.</param>
    public static Replacement Of(Graph graph, Layer layer, IReadOnlyList<(Matrix Left, Matrix Right)> factors)
    {
        var (node, weight) = (layer.Node, layer.Weight);
        var isRight = layer.WeightInput == 1;

        // x·(L·R) meets L first; so does (L·R)ᵀ·x. x·(L·R)ᵀ and (L·R)·x meet R first.
        var leftFirst = isRight != IsTransposed(layer);
        var (left, right) = (factors.Select(pair => pair.Left), factors.Select(pair => pair.Right));
        var first = ToTensor(graph.Fresh($"{weight.Name}.svd_in"), weight, leftFirst ? left : right);
        var second = ToTensor(graph.Fresh($"{weight.Name}.svd_out"), weight, leftFirst ? right : left);

        var inName = graph.Fresh($"{layer.Name}/svd_in");
        var tensor = graph.Fresh($"{inName}_output");
        var into = Node.Create(node.OpType, inName, Operands(node.Input(1 - layer.WeightInput), first.Name), [tensor]);
        string[] bias = node.Input(2).Length > 0 ? [node.Input(2)] : [];
        var outOf = Node.Create(node.OpType, graph.Fresh($"{layer.Name}/svd_out"), [.. Operands(tensor, second.Name), .. bias], [node.Output()]);
        if (node.Is("Gemm"))
        {
            into.WithAttributesOf(node, "alpha", "beta");
            outOf.WithAttributesOf(node, isRight ? "transA" : "transB");
        }

        return new Replacement([into, outOf], [first, second]);

        string[] Operands(string activation, string factor) => isRight ? [activation, factor] : [factor, activation];
    }

    /// <summary>Whether a Gemm transposes its weight.</summary>
    public static bool IsTransposed(Layer layer) =>
        layer.Node.Is("Gemm") && layer.Node.Int(layer.WeightInput == 1 ? "transB" : "transA") != 0;

    /// <summary>The matrices one after another, with the batch sizes of the weight.</summary>
    static Tensor ToTensor(string name, Tensor weight, IEnumerable<Matrix> matrices)
    {
        var parts = matrices.ToList();
        return Tensor.Of<float>(name, [.. parts.SelectMany(part => part.ToFloats())], [.. weight.Shape[..^2], parts[0].Rows, parts[0].Columns]);
    }
}
