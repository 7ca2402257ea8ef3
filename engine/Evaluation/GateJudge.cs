using Compress.Diagnostics;
using Compress.Policies;

namespace Compress.Evaluation;

/// <summary>Decides whether a model may ship: holds what was observed against the limits of a gate.</summary>
public static class GateJudge
{
    /// <summary>Judges one gate. It passes if all of its limits hold.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="comparison">What was measured on data; null where nothing was.</param>
    /// <param name="ratios">What was measured of the models; null where nothing was.</param>
    /// <param name="mode">In <see cref="GateMode.Warn"/> diagnostics are warnings; in <see cref="GateMode.Skip"/> nothing is judged.</param>
    public static GateJudgement Judge(Gate gate, Comparison? comparison, Ratios? ratios, GateMode mode = GateMode.Enforce)
    {
        if (mode == GateMode.Skip)
            return new GateJudgement(NotMeasured(gate, "gates are skipped"), null);
        var checks = MetricNames.OfModels.Contains(gate.Metric)
            ? RatioLimits.Check(gate, ratios, out var reason)
            : MetricLimits.Check(gate, comparison, out reason);
        if (reason is not null)
        {
            var detail = $"{gate.Metric} cannot be measured: {reason}";
            return new GateJudgement(NotMeasured(gate, detail), Tell(Codes.GateNotMeasured, gate, detail, mode));
        }

        var failed = checks.Where(check => !check.Holds).ToList();
        var shown = failed.Count > 0 ? failed : checks;
        var result = new GateResult(gate.Metric, GateText.Limits(gate), shown[0].Observed,
            failed.Count > 0 ? GateVerdict.Failed : GateVerdict.Passed, string.Join("; ", shown.Select(check => check.Finding)));
        return new GateJudgement(result, failed.Count == 0 ? null
            : Tell(Codes.GateFailed, gate, $"{result.Detail}; {failed[0].Advice}", mode));
    }

    static GateResult NotMeasured(Gate gate, string detail) =>
        new(gate.Metric, GateText.Limits(gate), null, GateVerdict.NotMeasured, detail);

    static Diagnostic Tell(DiagnosticKind kind, Gate gate, string message, GateMode mode)
    {
        var diagnostic = kind.At(gate.Position, message);
        return mode == GateMode.Warn ? diagnostic with { Severity = Severity.Warning } : diagnostic;
    }
}
