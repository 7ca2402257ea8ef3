using Compress.Policies;

namespace Compress.Evaluation;

/// <summary>How gates and what they observe are put into words.</summary>
static class GateText
{
    /// <summary>All limits of a gate, e.g. <c>drop ≤ 1% at 95% confidence</c>.</summary>
    public static string Limits(Gate gate)
    {
        var isShare = IsShare(gate.Metric);
        var isRatio = MetricNames.OfModels.Contains(gate.Metric);
        List<string> limits = [];
        if (gate.MaxDrop is { } drop)
            limits.Add($"drop ≤ {(isShare ? Percent(drop) : Number(drop))}");
        if (gate.Min is { } min)
            limits.Add($"≥ {(isRatio ? Percent(min) : Number(min))}");
        if (gate.Max is { } max)
            limits.Add($"≤ {(isRatio ? Percent(max) : Number(max))}");
        return string.Join(", ", limits) + (gate.Confidence is { } level && !isRatio ? $" at {Percent(level)} confidence" : "");
    }

    /// <summary>Whether a metric is a share of samples, so that differences are told in points.</summary>
    public static bool IsShare(string metric) => metric is MetricNames.Top1 or MetricNames.Top5 or MetricNames.Agreement;

    public static string Percent(double value) => $"{100 * value:0.###}%";

    /// <summary>A difference of shares in percentage points, e.g. <c>1.4 points</c>.</summary>
    public static string Points(double value) => Bare(value) is var points && points == "1" ? "1 point" : $"{points} points";

    /// <summary>Percentage points without the word; never "-0".</summary>
    public static string Bare(double value) => $"{Math.Round(100 * value, 3) + 0.0:0.###}";

    public static string Share(double value) => $"{value:0.0000}";

    public static string Number(double value) => $"{value:G4}";

    public static string Value(string metric, double value) => IsShare(metric) ? Share(value) : Number(value);

    /// <summary>The part in brackets: <c>95% interval 0.9112..0.9220, 10000 samples</c>.</summary>
    public static string Evidence(Interval? interval, Func<double, string> show, string unit, int samples)
    {
        var count = samples == 1 ? "1 sample" : $"{samples} samples";
        return interval is null
            ? count
            : $"{Percent(interval.Level)} interval {show(interval.Low)}..{show(interval.High)}{unit}, {count}";
    }
}
