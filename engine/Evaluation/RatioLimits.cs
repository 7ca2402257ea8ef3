using Compress.Policies;

namespace Compress.Evaluation;

/// <summary>
/// Limits on size, download-size, macs, parameters and latency: <c>min</c> and <c>max</c> on after / before. They are counted, or medians of
/// interleaved runs, and judged as they are: a confidence level changes nothing.
/// </summary>
static class RatioLimits
{
    /// <param name="gate">The gate.</param>
    /// <param name="ratios">The ratios; null where nothing was measured.</param>
    /// <param name="reason">Why nothing can be judged; null where it can.</param>
    public static IReadOnlyList<LimitCheck> Check(Gate gate, Ratios? ratios, out string? reason)
    {
        double? measured = gate.Metric switch
        {
            MetricNames.Size => ratios?.Size,
            MetricNames.DownloadSize => ratios?.DownloadSize,
            MetricNames.Parameters => ratios?.Parameters,
            MetricNames.Macs => ratios?.Macs,
            _ => ratios?.Latency,
        };
        reason = gate.MaxDrop is not null ? "it is a ratio to the original, which has no drop; use max, e.g. max: 70%"
            : measured is null ? Missing(gate.Metric)
            : !double.IsFinite(measured.Value) ? "the original's value is 0, so that there is no ratio"
            : null;
        if (reason is not null)
            return [];
        var ratio = measured!.Value;
        List<LimitCheck> checks = [];
        var verb = gate.Metric is MetricNames.Macs or MetricNames.Parameters ? "are" : "is";
        var finding = $"{gate.Metric} {verb} {GateText.Percent(ratio)} of the original's";
        if (gate.Max is { } max)
        {
            var quiet = gate.Metric == MetricNames.Latency ? "measure on a quiet machine, " : "";
            checks.Add(new LimitCheck(ratio, LimitCheck.AtMost(ratio, max),
                $"{finding}; the gate allows {GateText.Percent(max)}", $"compress more, {quiet}or raise max"));
        }

        if (gate.Min is { } min)
        {
            checks.Add(new LimitCheck(ratio, LimitCheck.AtMost(min, ratio),
                $"{finding}; the gate wants at least {GateText.Percent(min)}", "compress less, or lower min"));
        }

        return checks;
    }

    static string Missing(string metric) => metric switch
    {
        MetricNames.Macs => "the sizes of the model's tensors are not known; name data that the model can be run on",
        MetricNames.Latency => "there is no sample to run; name evaluation or calibration data",
        _ => "the models were not compared",
    };
}
