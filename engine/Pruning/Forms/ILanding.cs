using Compress.Models;

namespace Compress.Pruning.Forms;

/// <summary>A graph that computes what a convolution with zeros at some positions of every kernel does.</summary>
interface ILanding
{
    /// <summary>What it is, for the report.</summary>
    string Name { get; }

    /// <summary>Puts it in the convolution's place; the output keeps its name.</summary>
    /// <param name="graph">The graph; operators are written as of opset 11.</param>
    /// <param name="conv">The convolution; it may be edited, or go.</param>
    /// <param name="weight">Its weight with the zeros, C_out x C_in/group x kernel.</param>
    /// <returns>The convolutions that stand in its place.</returns>
    IReadOnlyList<Node> Land(Graph graph, Node conv, Tensor weight);
}

/// <summary>The kernel with its zeros, in its own size.</summary>
sealed class MaskedLanding : ILanding
{
    public string Name => "a masked kernel";

    public IReadOnlyList<Node> Land(Graph graph, Node conv, Tensor weight)
    {
        graph.SetConstant(conv, 1, weight);
        return [conv];
    }
}
