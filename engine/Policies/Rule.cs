using Compress.Diagnostics;

namespace Compress.Policies;

/// <summary>
/// One entry of <c>layers</c>: which layers, and what is done to them. A technique that is null is not mentioned;
/// a choice without settings is <c>none</c>. The key <c>prune</c> sets two: one for whole filters, one for what goes within weights.
/// </summary>
public sealed record Rule(
    IReadOnlyList<LayerMatch> Matches,
    SourcePosition Position,
    Choice<PruneSettings>? Prune = null,
    Choice<FactorizeSettings>? Tucker = null,
    Choice<FactorizeSettings>? Svd = null,
    Choice<QuantizeSettings>? Quantize = null,
    Choice<WeightPruneSettings>? PruneWeights = null,
    Choice<FactorizeSettings>? Cp = null,
    Choice<ClusterSettings>? Cluster = null)
{
    /// <summary>Which layers, in words, e.g. <c>op Conv, kernel 3x3</c>; alternatives are joined by <c>or</c>.</summary>
    public string MatchText => string.Join(" or ", Matches);
}

/// <summary>What a rule says of one technique: its settings, or null to switch it off.</summary>
public sealed record Choice<T>(T? Settings, SourcePosition Position)
    where T : class;
