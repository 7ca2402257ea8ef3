namespace Compress.Evaluation;

/// <summary>How a gate ended.</summary>
public enum GateVerdict
{
    Passed,
    Failed,
    NotMeasured,
}

/// <summary>A gate and what was observed.</summary>
/// <param name="Name">The metric.</param>
/// <param name="Limit">The limit in words, e.g. <c>drop ≤ 1%</c>.</param>
/// <param name="Observed">The number that was judged; null where it could not be measured.</param>
/// <param name="Verdict">Passed or not.</param>
/// <param name="Detail">One line that a person can act on.</param>
public sealed record GateResult(string Name, string Limit, double? Observed, GateVerdict Verdict, string Detail);
