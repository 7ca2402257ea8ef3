namespace Compress.Execution;

/// <summary>How long two models take for one batch.</summary>
/// <param name="Before">The original's median, in milliseconds.</param>
/// <param name="After">The compressed model's median, in milliseconds.</param>
/// <param name="Runs">Runs of each that were timed, at least.</param>
public sealed record LatencyComparison(double Before, double After, int Runs)
{
    /// <summary>After / before; 1 where the clock is too coarse to see either.</summary>
    public double Ratio => Before > 0 ? After / Before : 1;
}
