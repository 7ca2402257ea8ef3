using MathNet.Numerics.Distributions;

namespace Compress.Evaluation;

/// <summary>How many standard errors a two-sided interval reaches to each side.</summary>
static class NormalQuantile
{
    /// <summary>z with P(|Z| ≤ z) = <paramref name="level"/> for a standard normal Z; 1.96 at 0.95.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The level is not between 0 and 1.</exception>
    public static double TwoSided(double level) =>
        level is > 0 and < 1
            ? Normal.InvCDF(0, 1, (1 + level) / 2)
            : throw new ArgumentOutOfRangeException(nameof(level), level, "a confidence level lies between 0 and 1, both excluded");
}
