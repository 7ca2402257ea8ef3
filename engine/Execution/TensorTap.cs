using Compress.Models;

namespace Compress.Execution;

/// <summary>A session that gives chosen inner tensors of a model and computes nothing else.</summary>
public static class TensorTap
{
    /// <summary>Opens a session whose outputs are the given tensors; they keep the values that the whole model computes.</summary>
    public static Session Open(Model model, IEnumerable<string> tensors, int threads, bool prepack = true)
    {
        var cut = model.Clone();
        cut.Graph.SetOutputs(tensors.Distinct());
        cut.Graph.RemoveDead();
        return Session.Open(cut, new SessionSettings(threads, Optimize: false, prepack));
    }
}
