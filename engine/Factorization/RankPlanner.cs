using Compress.Policies;
using Compress.Techniques;

namespace Compress.Factorization;

/// <summary>What the rules for choosing ranks have in common.</summary>
public static class RankPlanner
{
    /// <summary>
    /// The largest k = R3 / C_in = R4 / C_in with which Tucker-2 makes a convolution of stride 1 faster by a factor m, where
    /// C_out = n·C_in: k = (−m(1+n) + √(m²(1+n)² + 4·m·n·K²)) / (2·m·K). It follows from the cost of Kim et al. 2016,
    /// C_in·R3 + R3·R4·K + R4·C_out = C_in·C_out·K / m. Plans of layers use the exact cost, which also knows strides.
    /// </summary>
    /// <param name="speedup">m, at least 1.</param>
    /// <param name="channelRatio">n = C_out / C_in, positive.</param>
    /// <param name="kernelSize">K = K_h·K_w, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static double MaximalRatio(double speedup, double channelRatio, int kernelSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(speedup, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channelRatio);
        ArgumentOutOfRangeException.ThrowIfLessThan(kernelSize, 1);
        var linear = speedup * (1 + channelRatio);
        return (Math.Sqrt(linear * linear + 4 * speedup * channelRatio * kernelSize * kernelSize) - linear) / (2 * speedup * kernelSize);
    }

    /// <summary>The least rank that keeps a share of the energy, which is the sum of the squared singular values.</summary>
    internal static int ForEnergy(ReadOnlySpan<double> squaredSingularValues, double share)
    {
        var total = 0.0;
        foreach (var value in squaredSingularValues)
            total += value;
        var kept = 0.0;
        for (var rank = 1; rank <= squaredSingularValues.Length; rank++)
        {
            kept += squaredSingularValues[rank - 1];
            if (kept >= share * total)
                return rank;
        }

        return squaredSingularValues.Length;
    }

    /// <summary>The multiple that ranks are rounded to: 8 suits vector units, but would leave narrow layers no choice.</summary>
    internal static int Multiple(FactorizeSettings settings, int channels) => Math.Max(1, settings.RoundTo ?? (channels < 16 ? 1 : 8));

    /// <summary>The ranks that a budget chooses from: multiples, and the greatest.</summary>
    internal static IEnumerable<int> Candidates(FactorizeSettings settings, int max)
    {
        var multiple = Multiple(settings, max);
        for (var rank = multiple; rank < max; rank += multiple)
            yield return rank;
        yield return max;
    }

    internal static int RoundUp(int rank, int multiple, int max) => (int)Math.Min(max, (rank + multiple - 1L) / multiple * multiple);

    /// <summary>A rank below the multiple stays as it is: rounding down never ends at 0.</summary>
    internal static int RoundDown(int rank, int multiple) => rank < multiple ? Math.Max(1, rank) : rank / multiple * multiple;

    /// <summary>A share of a maximal rank, rounded down.</summary>
    internal static int Share(double ratio, int max, int multiple) => RoundDown((int)Math.Floor(ratio * max + 1e-9), multiple);

    /// <summary>Of a rule about outputs, where there are none to look at.</summary>
    internal static Refusal NoSamples =>
        Refusal.CannotApply("its inputs cannot be sampled, and an error of its output cannot be measured; give a rank, ratio, energy or speedup");

    /// <summary>Of a layer that a budget is better spent on as it is.</summary>
    internal static Refusal LeftWhole => Refusal.CannotApply("the budget leaves it whole: what it would save costs less elsewhere");

    /// <summary>Settings that fit no layer at all.</summary>
    internal static Refusal? Check(FactorizeSettings settings) => settings.Rule switch
    {
        RankRule.Ratio when settings.Value is not (> 0 and <= 1) => Refusal.OutOfRange($"ratio {settings.Value} is not in (0, 1]"),
        RankRule.Energy when settings.Value is not (> 0 and <= 1) => Refusal.OutOfRange($"energy {settings.Value} is not in (0, 1]"),
        RankRule.Error when settings.Value is not (> 0 and < 1) => Refusal.OutOfRange($"error {settings.Value} is not in (0, 1)"),
        RankRule.Speedup when !(settings.Value > 1) => Refusal.OutOfRange($"speedup {settings.Value} is not above 1"),
        _ => null,
    };

    /// <summary>The least rank that leaves out no more of the energy than the square of a relative error.</summary>
    internal static int ForError(ReadOnlySpan<double> energies, double error)
    {
        var energy = System.Numerics.Tensors.TensorPrimitives.Sum(energies);
        var left = 0.0;
        var rank = energies.Length;
        while (rank > 1 && left + energies[rank - 1] <= error * error * energy)
            left += energies[--rank];
        return rank;
    }
}
