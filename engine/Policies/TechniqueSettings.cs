namespace Compress.Policies;

/// <summary>By what filters, input channels or weights are ranked; docs/pruning.md has the formulas.</summary>
public enum PruneCriterion
{
    /// <summary>The sum of absolute weights.</summary>
    L1,

    /// <summary>The root of the sum of squares.</summary>
    L2,

    /// <summary>The sum of the distances to the layer's other filters.</summary>
    Fpgm,

    /// <summary>The magnitude of the scale of the batch normalization behind the layer.</summary>
    BatchNormGamma,

    /// <summary>One less the share of zeros behind the activation, on calibration data.</summary>
    Apoz,

    /// <summary>By chance: a control.</summary>
    Random,

    /// <summary>By LASSO on samples of the layer's output; of input channels only.</summary>
    Lasso,
}

/// <summary>Among what filters or weights compete.</summary>
public enum PruneScope
{
    /// <summary>Each layer, or group of coupled layers, loses the share.</summary>
    Layer,

    /// <summary>All layers that one rule prunes lose the share together.</summary>
    Global,
}

/// <summary>Removes whole filters of a layer, or input channels.</summary>
/// <param name="Filters">The share of filters that goes, in [0, 1); 0 where the share is of input channels.</param>
/// <param name="By">How filters or input channels are ranked.</param>
/// <param name="RoundTo">The number of filters kept is rounded up to a multiple of this.</param>
/// <param name="KeepAtLeast">At least so many filters stay.</param>
/// <param name="Reconstruct">
/// Whether consumers are re-fitted by least squares on calibration data; null means where there is such data.
/// </param>
/// <param name="Scope">Among what filters compete.</param>
/// <param name="Channels">The share of the layer's input channels that goes, in [0, 1); null where the share is of its filters.</param>
public sealed record PruneSettings(
    double Filters, PruneCriterion By = PruneCriterion.L1, int RoundTo = 1, int KeepAtLeast = 1, bool? Reconstruct = null,
    PruneScope Scope = PruneScope.Layer, double? Channels = null)
{
    /// <summary>The share that goes, of filters or of input channels.</summary>
    public double Share => Channels ?? Filters;

    /// <summary>Whether ranking needs calibration data.</summary>
    public bool RanksOnData => By is PruneCriterion.Apoz or PruneCriterion.Lasso;

    /// <summary>The settings as the policy says them; those at their default are left out, e.g. <c>filters 30% by l1</c>.</summary>
    public override string ToString() =>
        $"{(Channels is null ? "filters" : "channels")} {Percentage.Text(Share)} by {NameOf(By)}"
        + (Scope == PruneScope.Global ? ", global" : "")
        + (RoundTo > 1 ? $", round to {RoundTo}" : "")
        + (KeepAtLeast > 1 ? $", keep at least {KeepAtLeast}" : "")
        + (Reconstruct is { } reconstruct ? reconstruct ? ", reconstruct" : ", no reconstruction" : "");

    /// <summary>The criterion as the policy calls it.</summary>
    public static string NameOf(PruneCriterion criterion) =>
        criterion == PruneCriterion.BatchNormGamma ? "bn-gamma" : criterion.ToString().ToLowerInvariant();
}

/// <summary>How the rank of a factorization is chosen.</summary>
public enum RankRule
{
    /// <summary>Given outright: one rank for SVD; one for both modes, or [input, output], for Tucker-2.</summary>
    Rank,

    /// <summary>As a share of the layer's channels.</summary>
    Ratio,

    /// <summary>The least rank that keeps this share of the squared singular values.</summary>
    Energy,

    /// <summary>The largest rank with which the layer's MACs go down by this factor.</summary>
    Speedup,

    /// <summary>The least rank with which the layer's output is off by no more than this, on calibration data.</summary>
    Error,

    /// <summary>The rank that stands out of the noise, by variational Bayes.</summary>
    Auto,

    /// <summary>The layer's part of what all layers of this rule may cost together.</summary>
    Budget,
}

/// <summary>How a convolution's kernel is cut into two.</summary>
public enum SvdAxis
{
    /// <summary>The layer's own kernel to r channels, then 1x1.</summary>
    Channel,

    /// <summary>Along the first spatial axis, then along the second.</summary>
    Spatial,
}

/// <summary>Replaces a layer by factors of low rank.</summary>
/// <param name="Rule">How the rank is chosen.</param>
/// <param name="Value">The ratio, energy, speed-up or error; unused for other rules.</param>
/// <param name="Ranks">One or two ranks for <see cref="RankRule.Rank"/>, and for <see cref="RankRule.Budget"/> once it is spent; empty otherwise.</param>
/// <param name="RoundTo">Ranks found by a rule are rounded to a multiple of this where that keeps the rule's promise; null for the default.</param>
/// <param name="DataAware">
/// Whether factors are chosen by the outputs that they give on calibration data; null means where there is such data.
/// </param>
/// <param name="Axis">How a convolution's kernel is cut, for SVD; null for the default, <see cref="SvdAxis.Channel"/>.</param>
public sealed record FactorizeSettings(
    RankRule Rule, double Value, IReadOnlyList<int> Ranks, int? RoundTo = null, bool? DataAware = null, SvdAxis? Axis = null)
{
    /// <summary>The settings as the policy says them, e.g. <c>energy 95%</c> or <c>rank [16, 32]</c>.</summary>
    public override string ToString() => Rule switch
    {
        RankRule.Rank => Ranks.Count == 1 ? $"rank {Ranks[0]}" : $"rank [{string.Join(", ", Ranks)}]",
        RankRule.Ratio => $"ratio {Value}",
        RankRule.Energy => $"energy {Percentage.Text(Value)}",
        RankRule.Error => $"error {Percentage.Text(Value)}",
        RankRule.Auto => "rank auto",
        RankRule.Budget => "rank budget",
        _ => $"speedup {Value}",
    } + (RoundTo is null ? "" : $", round to {RoundTo}") + (DataAware is { } aware ? aware ? ", data-aware" : ", not data-aware" : "")
        + (Axis is { } axis ? $", axis {axis.ToString().ToLowerInvariant()}" : "");
}
