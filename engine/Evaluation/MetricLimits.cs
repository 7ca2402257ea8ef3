using Compress.Policies;

namespace Compress.Evaluation;

/// <summary>
/// Limits on metrics that are measured on data: <c>max-drop</c> on how much worse the compressed model is, <c>min</c> and
/// <c>max</c> on its own value. With a confidence level, the worse end of the interval is judged in place of the point.
/// </summary>
static class MetricLimits
{
    /// <param name="gate">The gate.</param>
    /// <param name="comparison">What was measured; null where nothing was.</param>
    /// <param name="reason">Why nothing can be judged; null where it can.</param>
    public static IReadOnlyList<LimitCheck> Check(Gate gate, Comparison? comparison, out string? reason)
    {
        Measurement? measured = null;
        reason = comparison is null ? "the policy names no evaluation data"
            : comparison.Measurements.TryGetValue(gate.Metric, out measured) ? null
            : comparison.Unmeasured.GetValueOrDefault(gate.Metric) ?? $"there is no such metric; {Known}";
        if (measured is not null && gate.Confidence is { } level && measured.ValueInterval(level) is null)
            reason = "one sample has no interval; take more samples, or leave confidence out";
        if (reason is not null)
            return [];
        List<LimitCheck> checks = [];
        if (gate.MaxDrop is { } drop)
            checks.Add(CheckDrop(gate, measured!, drop));
        if (gate.Min is { } min)
            checks.Add(CheckMin(gate, measured!, min));
        if (gate.Max is { } max)
            checks.Add(CheckMax(gate, measured!, max));
        return checks;
    }

    static string Known => $"known are {string.Join(", ", MetricNames.OnData.Concat(MetricNames.OfModels))}";

    static LimitCheck CheckDrop(Gate gate, Measurement measured, double limit)
    {
        var interval = measured.DropInterval(Level(gate));
        var judged = gate.Confidence is null ? measured.Drop : interval!.High;
        Func<double, string> show = GateText.IsShare(gate.Metric) ? GateText.Points : GateText.Number;
        Func<double, string> bare = GateText.IsShare(gate.Metric) ? GateText.Bare : GateText.Number;
        var evidence = GateText.Evidence(interval, bare, GateText.IsShare(gate.Metric) ? " points" : "", measured.Samples);
        var values = measured.Before is { } before ? $"{GateText.Share(before)} -> {GateText.Share(measured.After)}; " : "";
        var moved = measured.Before is null ? $"is {GateText.Value(gate.Metric, measured.After)}, {show(measured.Drop)} off a perfect copy"
            : measured.Drop < 0 ? $"rose by {show(-measured.Drop)}"
            : $"fell by {show(measured.Drop)}";
        return new LimitCheck(judged, LimitCheck.AtMost(judged, limit),
            $"{gate.Metric} {moved} ({values}{evidence}); the gate allows {show(limit)}{AtLevel(gate)}",
            Advice(measured, judged - measured.Drop, limit - measured.Drop, "raise max-drop"));
    }

    static LimitCheck CheckMin(Gate gate, Measurement measured, double limit)
    {
        var judged = gate.Confidence is { } level ? measured.ValueInterval(level)!.Low : measured.After;
        return new LimitCheck(judged, LimitCheck.AtMost(limit, judged),
            $"{Value(gate, measured)}; the gate wants at least {GateText.Value(gate.Metric, limit)}{AtLevel(gate)}",
            Advice(measured, measured.After - judged, measured.After - limit, "lower min"));
    }

    static LimitCheck CheckMax(Gate gate, Measurement measured, double limit)
    {
        var judged = gate.Confidence is { } level ? measured.ValueInterval(level)!.High : measured.After;
        return new LimitCheck(judged, LimitCheck.AtMost(judged, limit),
            $"{Value(gate, measured)}; the gate allows {GateText.Value(gate.Metric, limit)}{AtLevel(gate)}",
            Advice(measured, judged - measured.After, limit - measured.After, "raise max"));
    }

    static string Value(Gate gate, Measurement measured)
    {
        string Show(double value) => GateText.Value(gate.Metric, value);
        var evidence = GateText.Evidence(measured.ValueInterval(Level(gate)), Show, "", measured.Samples);
        return $"{gate.Metric} is {Show(measured.After)} ({evidence})";
    }

    static double Level(Gate gate) => gate.Confidence ?? Measurement.UsualLevel;

    static string AtLevel(Gate gate) => gate.Confidence is { } level ? $" at {GateText.Percent(level)} confidence" : "";

    /// <param name="measured">What was measured.</param>
    /// <param name="reach">From the point to the interval's worse end; 0 where the point is judged.</param>
    /// <param name="room">From the point to the limit; negative where the point itself is beyond.</param>
    /// <param name="change">The change to the gate that would let it pass.</param>
    static string Advice(Measurement measured, double reach, double room, string change)
    {
        if (room <= 0 || reach <= 0)
            return $"compress less where the report shows the greatest errors, or {change}";
        var samples = SampleSize.ForReach(measured.Samples, reach, room);
        return $"the value itself is within the limit: with about {samples} samples the interval would be too, if it stays so";
    }
}
