namespace Compress.Evaluation;

/// <summary>One limit of a gate, held against what was observed.</summary>
/// <param name="Observed">The number that was judged: the point, or the worse end of its interval.</param>
/// <param name="Holds">Whether it is within the limit.</param>
/// <param name="Finding">Both in words, with the samples and the interval.</param>
/// <param name="Advice">What can be done where it does not hold.</param>
sealed record LimitCheck(double Observed, bool Holds, string Finding, string Advice)
{
    /// <summary>Whether a value is at most a limit; a value that is the limit but for rounding is.</summary>
    public static bool AtMost(double value, double limit) => value <= limit + 1e-12 * Math.Max(1, Math.Abs(limit));
}
