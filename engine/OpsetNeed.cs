using Compress.Diagnostics;
using Compress.Models;
using Compress.Policies;
using Compress.Rewriting.Opsets;
using Compress.Techniques;

namespace Compress;

/// <summary>The opset that the techniques of a plan need.</summary>
/// <param name="asked">The techniques that the plan asks for.</param>
/// <param name="plan">The plan.</param>
sealed class OpsetNeed(IReadOnlyList<ITechnique> asked, ModelPlan plan)
{
    /// <summary>The lowest opset in which every technique can write what it makes.</summary>
    public int Opset => asked.Select(technique => technique.NeededOpset(plan)).DefaultIfEmpty().Max();

    /// <summary>The lowest opset in which every technique can, if need be with operators of ONNX Runtime's own.</summary>
    int BearableOpset => asked.Select(technique => technique.BearableOpset(plan)).DefaultIfEmpty().Max();

    /// <summary>Upgrades a model as far as need be, and not at all where it has the opset already.</summary>
    /// <param name="model">The model.</param>
    /// <param name="diagnostics">Told of operators that are not standard.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="CompressException">CMP2004: a node cannot follow, not even as far as is bearable.</exception>
    public OpsetUpgradeResult Meet(Model model, DiagnosticBag diagnostics)
    {
        var wanted = OpsetUpgrade.Run(model, Opset);
        if (wanted.Succeeded)
            return wanted;
        var kind = asked.First(technique => technique.NeededOpset(plan) == Opset).Kind;
        var obstacles = $"{kind} needs opset {Opset}, and the model cannot be upgraded from opset {wanted.From}: {wanted.Obstacles}";
        var bearable = OpsetUpgrade.Run(model, BearableOpset);
        if (BearableOpset == Opset || !bearable.Succeeded)
            throw Codes.OpsetTooLow.Fail(model.Path, $"{obstacles}; export it with opset {Opset} or higher");
        diagnostics.Add(Codes.RuntimeOperators.At(new SourcePosition(model.Path),
            $"{obstacles}; QuantizeLinear and DequantizeLinear are written as ONNX Runtime's own ({Node.RuntimeDomain}), which other runtimes may not have;"
            + $" export it with opset {Opset} or higher for the standard ones"));
        return bearable;
    }
}
