using Compress.Diagnostics;
using Compress.Layers;

namespace Compress.Policies;

/// <summary>What the policy asks of one layer, after every rule was applied.</summary>
public sealed record LayerPlan(
    Layer Layer,
    Planned<PruneSettings>? Prune = null,
    Planned<FactorizeSettings>? Tucker = null,
    Planned<FactorizeSettings>? Svd = null,
    Planned<QuantizeSettings>? Quantize = null,
    Planned<WeightPruneSettings>? PruneWeights = null,
    Planned<FactorizeSettings>? Cp = null,
    Planned<ClusterSettings>? Cluster = null)
{
    /// <summary>What is asked, one phrase for each technique in the order of execution, e.g. <c>prune filters 30% by l1</c>.</summary>
    public IReadOnlyList<string> Describe() =>
    [
        .. new[] { Phrase("prune", Prune), Phrase("prune", PruneWeights), Phrase("tucker", Tucker), Phrase("cp", Cp), Phrase("svd", Svd), Phrase("cluster", Cluster), Phrase("quantize", Quantize) }.OfType<string>(),
    ];

    static string? Phrase<T>(string technique, Planned<T>? planned) => planned is null ? null : $"{technique} {planned.Settings}";
}

/// <summary>Settings that hold for a layer, with the place of the rule that won.</summary>
/// <param name="Settings">The settings.</param>
/// <param name="Position">Where the technique's key stands.</param>
/// <param name="ByName">Whether the rule named this layer alone, so that failing to apply is an error.</param>
public sealed record Planned<T>(T Settings, SourcePosition Position, bool ByName);
