using Compress.Diagnostics;
using Compress.Policies;

namespace Compress.Evaluation;

/// <summary>What running two models on the same samples has shown.</summary>
/// <param name="Measurements">What was measured, by metric, in the order of <see cref="MetricNames.OnData"/>.</param>
/// <param name="Unmeasured">Why each of the other metrics could not be measured, as half a sentence.</param>
/// <param name="Diagnostics">CMP4004 where outputs are not finite.</param>
public sealed record Comparison(
    IReadOnlyDictionary<string, Measurement> Measurements,
    IReadOnlyDictionary<string, string> Unmeasured,
    IReadOnlyList<Diagnostic> Diagnostics)
{
    /// <summary>
    /// The metrics for a report. Each interval has the confidence level that a gate on the metric asks for,
    /// <see cref="Measurement.UsualLevel"/> where none does.
    /// </summary>
    public IReadOnlyDictionary<string, MetricResult> Metrics(IReadOnlyList<Gate> gates) => Measurements.ToDictionary(
        entry => entry.Key,
        entry => entry.Value.At(gates.FirstOrDefault(gate => gate.Metric == entry.Key)?.Confidence ?? Measurement.UsualLevel));
}
