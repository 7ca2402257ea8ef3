using Compress.Diagnostics;
using Compress.Evaluation;
using Compress.Execution;
using Compress.Techniques;
using Compress.Verification;

namespace Compress.Reporting;

/// <summary>Everything a run found out; written as report.json. Names are stable; docs/report.md describes them.</summary>
public sealed record Report
{
    public int Schema { get; init; } = 1;

    public required Verdict Verdict { get; init; }

    public ModelSummary? Before { get; init; }

    public ModelSummary? After { get; init; }

    public Ratios? Ratios { get; init; }

    /// <summary>How far the rewriting was verified; null where the run did not come so far.</summary>
    public Verified? Verified { get; init; }

    /// <summary>What steps that repair a quantized model have gained, in the order in which they were tried.</summary>
    public IReadOnlyList<RepairGain> Repair { get; init; } = [];

    /// <summary>What ONNX Runtime runs in int8 on this machine; null where nothing was quantized, or gates were skipped.</summary>
    public IntegerExecution? Int8 { get; init; }

    /// <summary>Metrics by name, in order of measuring.</summary>
    public IReadOnlyDictionary<string, MetricResult> Metrics { get; init; } = new Dictionary<string, MetricResult>();

    public IReadOnlyList<GateResult> Gates { get; init; } = [];

    public IReadOnlyList<LayerReport> Layers { get; init; } = [];

    public IReadOnlyList<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>Seconds by step.</summary>
    public IReadOnlyDictionary<string, double> Seconds { get; init; } = new Dictionary<string, double>();
}

/// <summary>How a run ended.</summary>
public enum Verdict
{
    Passed,
    PassedWithWarnings,
    Failed,
}

/// <summary>
/// A model in five numbers. MACs are for one sample, and null where sizes are not known. Download bytes are those after Brotli, and null where they
/// were not counted.
/// </summary>
public sealed record ModelSummary(string Path, long Bytes, long Parameters, long? Macs, long? DownloadBytes = null);

/// <summary>One layer of the original model and what was done to it.</summary>
public sealed record LayerReport(string Name, string Op, IReadOnlyList<LayerChange> Techniques);
