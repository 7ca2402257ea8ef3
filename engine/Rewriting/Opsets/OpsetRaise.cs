using Compress.Models;

namespace Compress.Rewriting.Opsets;

/// <summary>The upgrade to one opset as a pass among others; a model that cannot follow stays as it is.</summary>
/// <param name="target">The opset.</param>
public sealed class OpsetRaise(int target) : IRewrite
{
    public string Name => $"the opset is raised to {target}";

    public int Apply(Model model)
    {
        var upgrade = OpsetUpgrade.Run(model, target);
        return upgrade.To - upgrade.From;
    }
}
