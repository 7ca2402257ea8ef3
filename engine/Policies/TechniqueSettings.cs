namespace Compress.Policies;

/// <summary>How weights are ranked: by the sum of absolute values, by the root of the sum of squares, or at random, as a control.</summary>
public enum PruneCriterion
{
    L1,
    L2,

    /// <summary>Not for filters.</summary>
    Random,
}

/// <summary>Removes whole filters of a layer.</summary>
/// <param name="Filters">The share of filters that goes, in [0, 1).</param>
/// <param name="By">How filters are ranked.</param>
/// <param name="RoundTo">The number of filters kept is rounded up to a multiple of this.</param>
/// <param name="KeepAtLeast">At least so many filters stay.</param>
/// <param name="Reconstruct">
/// Whether consumers are re-fitted by least squares on calibration data; null means where there is such data.
/// </param>
public sealed record PruneSettings(
    double Filters, PruneCriterion By = PruneCriterion.L1, int RoundTo = 1, int KeepAtLeast = 1, bool? Reconstruct = null)
{
    /// <summary>The settings as the policy says them; those at their default are left out, e.g. <c>filters 30% by l1</c>.</summary>
    public override string ToString() =>
        $"filters {Percentage.Text(Filters)} by {(By == PruneCriterion.L1 ? "l1" : "l2")}"
        + (RoundTo > 1 ? $", round to {RoundTo}" : "")
        + (KeepAtLeast > 1 ? $", keep at least {KeepAtLeast}" : "")
        + (Reconstruct is { } reconstruct ? reconstruct ? ", reconstruct" : ", no reconstruction" : "");
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
}

/// <summary>Replaces a layer by factors of low rank.</summary>
/// <param name="Rule">How the rank is chosen.</param>
/// <param name="Value">The ratio, energy or speed-up; unused for <see cref="RankRule.Rank"/>.</param>
/// <param name="Ranks">One or two ranks for <see cref="RankRule.Rank"/>; empty otherwise.</param>
/// <param name="RoundTo">Ranks found by a rule are rounded to a multiple of this where that keeps the rule's promise; null for the default.</param>
public sealed record FactorizeSettings(RankRule Rule, double Value, IReadOnlyList<int> Ranks, int? RoundTo = null)
{
    /// <summary>The settings as the policy says them, e.g. <c>energy 95%</c> or <c>rank [16, 32]</c>.</summary>
    public override string ToString() => Rule switch
    {
        RankRule.Rank => Ranks.Count == 1 ? $"rank {Ranks[0]}" : $"rank [{string.Join(", ", Ranks)}]",
        RankRule.Ratio => $"ratio {Value}",
        RankRule.Energy => $"energy {Percentage.Text(Value)}",
        _ => $"speedup {Value}",
    } + (RoundTo is null ? "" : $", round to {RoundTo}");
}

/// <summary>How activation ranges are found.</summary>
public enum Calibrator
{
    /// <summary>The least and the greatest value seen.</summary>
    MinMax,

    /// <summary>The range that holds a given share of the values seen.</summary>
    Percentile,
}

/// <summary>The CPUs that a quantized model must give its answers on.</summary>
public enum TargetCpu
{
    /// <summary>All of them, with the same answers.</summary>
    Any,

    /// <summary>x64 with AVX2, whose integer kernels add pairs of products in 16 bits.</summary>
    Avx2,

    /// <summary>x64 with VNNI (AVX-512 or AVX), which adds in 32 bits.</summary>
    Vnni,

    /// <summary>64-bit ARM, which adds in 32 bits.</summary>
    Arm,
}

/// <summary>int8 quantization: of weights and, as 8-bit integers too, of activations; or of weights alone.</summary>
/// <param name="PerChannel">A scale for each output channel of a weight, or one for the whole weight.</param>
/// <param name="Symmetric">Whether activation ranges are symmetric about zero.</param>
/// <param name="Calibrate">How activation ranges are found.</param>
/// <param name="Percentile">The share of values kept, in percent, for <see cref="Calibrator.Percentile"/>.</param>
/// <param name="Activations">Whether activations are quantized; without, no data is needed and layers compute in float.</param>
/// <param name="RepairAbove">
/// The relative error of the model's outputs on calibration data above which layers go back to float; null takes none back.
/// </param>
/// <param name="TargetCpu">The CPUs whose integer kernels must not saturate.</param>
public sealed record QuantizeSettings(
    bool PerChannel = true, bool Symmetric = false, Calibrator Calibrate = Calibrator.MinMax, double Percentile = 99.999, bool Activations = true,
    double? RepairAbove = QuantizeSettings.DefaultRepairAbove, TargetCpu TargetCpu = TargetCpu.Any)
{
    public const double DefaultRepairAbove = 0.1;

    /// <summary>The settings as the policy says them, e.g. <c>int8 per channel, minmax</c>.</summary>
    public override string ToString() =>
        $"int8 per {(PerChannel ? "channel" : "tensor")}, " + (Activations ? ActivationsText : "weights only");

    string ActivationsText =>
        (Symmetric ? "symmetric, " : "")
        + (Calibrate == Calibrator.MinMax ? "minmax" : $"percentile {Percentile}")
        + (TargetCpu == TargetCpu.Any ? "" : $", for {TargetCpu.ToString().ToLowerInvariant()}");
}
