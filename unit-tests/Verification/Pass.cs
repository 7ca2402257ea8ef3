using Compress.Models;
using Compress.Rewriting;

namespace Compress.UnitTests.Verification;

/// <summary>A pass made of one action.</summary>
sealed class Pass(string name, Action<Model> apply) : IRewrite
{
    public string Name => name;

    public int Apply(Model model)
    {
        apply(model);
        return 1;
    }

    /// <summary>Multiplies the weights of one node, as a folding that is wrong would.</summary>
    public static Pass Scaling(string node, float factor) => new($"{node} is scaled", model =>
    {
        var convolution = model.Graph.Nodes.First(candidate => candidate.Name == node);
        var weight = model.Graph.Initializer(convolution.Input(1))!;
        float[] values = [.. weight.Floats().ToArray().Select(value => value * factor)];
        model.Graph.SetConstant(convolution, 1, Tensor.Of<float>(weight.Name, values, weight.Shape));
    });

    /// <summary>Makes a node read something that is not there.</summary>
    public static Pass Breaking(string node) => new($"{node} is broken", model =>
        model.Graph.SetInput(model.Graph.Nodes.First(candidate => candidate.Name == node), 0, "nowhere"));
}
