using Compress.Models;

namespace Compress.Rewriting;

/// <summary>Removes nodes and initializers that nothing reads.</summary>
public sealed class DeadNodeRemoval : IRewrite
{
    public string Name => "what nothing reads is gone";

    public int Apply(Model model) => model.Graph.RemoveDead();
}
