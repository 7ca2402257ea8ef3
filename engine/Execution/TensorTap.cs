using Compress.Models;

namespace Compress.Execution;

/// <summary>A session that gives chosen inner tensors of a model and computes nothing else.</summary>
public static class TensorTap
{
    /// <summary>Opens a session whose outputs are the given tensors; they keep the values that the whole model computes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tensors">Names of its tensors.</param>
    /// <param name="threads">Threads within an operator; 0 leaves the number to ONNX Runtime.</param>
    /// <param name="prepack">Whether weights may be kept a second time; see <see cref="SessionSettings"/>.</param>
    /// <param name="optimize">Whether operators may be fused, which is faster over many runs and rounds differently.</param>
    public static Session Open(Model model, IEnumerable<string> tensors, int threads, bool prepack = true, bool optimize = false)
    {
        var cut = model.Clone();
        cut.Graph.SetOutputs(tensors.Distinct());
        cut.Graph.RemoveDead();
        return Session.Open(cut, new SessionSettings(threads, optimize, prepack, Arena: false));
    }
}
