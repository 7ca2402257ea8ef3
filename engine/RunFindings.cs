using Compress.Diagnostics;
using Compress.Evaluation;
using Compress.Execution;
using Compress.Policies;
using Compress.Reporting;
using Compress.Techniques;
using Compress.Verification;

namespace Compress;

/// <summary>What the steps of a run found out, for the gates and the report.</summary>
sealed class RunFindings
{
    public ModelSummary? Before { get; set; }

    public ModelSummary? After { get; set; }

    public Verified? Verified { get; set; }

    public Comparison? Comparison { get; set; }

    public LatencyComparison? Latency { get; set; }

    public IntegerExecution? Int8 { get; set; }

    /// <summary>The layers of the original model, by name and operator.</summary>
    public IReadOnlyList<(string Name, string Op)> Layers { get; set; } = [];

    public List<LayerChange> Changes { get; } = [];

    /// <summary>What steps that repair the model have gained.</summary>
    public IReadOnlyList<RepairGain> Repairs { get; set; } = [];

    public List<GateResult> Gates { get; } = [];

    /// <summary>Seconds by step.</summary>
    public Dictionary<string, double> Seconds { get; } = [];

    /// <summary>After divided by before; null until both models are there.</summary>
    public Ratios? Ratios => Before is null || After is null ? null : new Ratios(
        (double)After.Bytes / Before.Bytes, (double)After.Parameters / Math.Max(1, Before.Parameters),
        After.Macs is { } now && Before.Macs is { } then and > 0 ? (double)now / then : null, Latency?.Ratio,
        (double?)After.DownloadBytes / Before.DownloadBytes);

    /// <summary>The report of a run.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="policy">The policy, if it could be read.</param>
    /// <param name="diagnostics">Everything the user was told.</param>
    public Report ToReport(Outcome outcome, Policy? policy, IReadOnlyList<Diagnostic> diagnostics) => new()
    {
        Verdict = outcome != Outcome.Done ? Verdict.Failed : diagnostics.Count > 0 ? Verdict.PassedWithWarnings : Verdict.Passed,
        Before = Before,
        After = After,
        Ratios = Ratios,
        Verified = Verified,
        Repair = Repairs,
        Int8 = Int8,
        Metrics = Metrics(policy),
        Gates = Gates,
        Layers = [.. Layers.Select(layer => new LayerReport(layer.Name, layer.Op, [.. Changes.Where(change => change.Layer == layer.Name)]))],
        Diagnostics = diagnostics,
        Seconds = Seconds,
    };

    Dictionary<string, MetricResult> Metrics(Policy? policy)
    {
        var metrics = new Dictionary<string, MetricResult>(Comparison?.Metrics(policy!.Gates) ?? new Dictionary<string, MetricResult>());
        if (Latency is not null)
            metrics.Add(MetricNames.Latency, new MetricResult(Latency.Before, Latency.After, null, null, Latency.Runs));
        return metrics;
    }
}
