using Compress.Layers;
using Compress.Models;

namespace Compress.Factorization;

/// <summary>
/// A Tucker decomposition as convolutions (Kim et al. 2016): 1x1 from C_in to R3; the core from R3 to R4, which keeps stride,
/// padding and dilation; 1x1 from R4 to C_out, which adds the bias. Zero padding may follow the first one as that has no bias.
/// </summary>
static class TuckerLanding
{
    public static Replacement Of(Graph graph, Layer layer, TuckerDecomposition tucker)
    {
        var (node, weight) = (layer.Node, layer.Weight);
        var kernel = weight.Shape[2..];
        var ones = Enumerable.Repeat(1, kernel.Length).ToArray();
        var (core, output) = (tucker.CoreTensor, tucker.OutputFactor);
        var nodes = new List<Node>();
        var weights = new List<Tensor>();

        var tensor = node.Input(0);
        if (tucker.InputFactor is { } input)
        {
            weights.Add(Tensor.Of<float>(graph.Fresh($"{weight.Name}.tucker_in"), input.Transposed().ToFloats(), [input.Columns, input.Rows, .. ones]));
            tensor = Add("tucker_in", [tensor, weights[^1].Name], output: null).With("kernel_shape", ones.Select(size => (long)size)).Output();
        }

        weights.Add(Tensor.Of<float>(graph.Fresh($"{weight.Name}.tucker_core"), core.ToFloats(), [core.Outputs, core.Inputs, .. kernel]));
        tensor = Add("tucker_core", [tensor, weights[^1].Name], output: null).WithAttributesOf(node).Output();

        weights.Add(Tensor.Of<float>(graph.Fresh($"{weight.Name}.tucker_out"), output.ToFloats(), [output.Rows, output.Columns, .. ones]));
        string[] bias = node.Input(2).Length > 0 ? [node.Input(2)] : [];
        Add("tucker_out", [tensor, weights[^1].Name, .. bias], node.Output()).With("kernel_shape", ones.Select(size => (long)size));
        return new Replacement([.. nodes], [.. weights]);

        Node Add(string part, string[] inputs, string? output)
        {
            var name = graph.Fresh($"{layer.Name}/{part}");
            nodes.Add(Node.Create("Conv", name, inputs, [output ?? graph.Fresh($"{name}_output")]));
            return nodes[^1];
        }
    }
}
