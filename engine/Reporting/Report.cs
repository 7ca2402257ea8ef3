using Compress.Diagnostics;
using Compress.Techniques;

namespace Compress.Reporting;

/// <summary>Everything a run found out; written as report.json. Names are stable; docs/report.md describes them.</summary>
public sealed record Report
{
    public int Schema { get; init; } = 1;

    public required Verdict Verdict { get; init; }

    public ModelSummary? Before { get; init; }

    public ModelSummary? After { get; init; }

    public Ratios? Ratios { get; init; }

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

/// <summary>A model in four numbers. MACs are for one sample, and null where sizes are not known.</summary>
public sealed record ModelSummary(string Path, long Bytes, long Parameters, long? Macs);

/// <summary>After divided by before.</summary>
public sealed record Ratios(double Size, double Parameters, double? Macs, double? Latency);

/// <summary>A metric before and after.</summary>
/// <param name="Before">The original's value; null for metrics that compare the two.</param>
/// <param name="After">The compressed model's value.</param>
/// <param name="Drop">How much it worsened, positive for worse; null where there is no value before.</param>
/// <param name="Interval">The confidence interval of the drop, or of the value where there is no drop.</param>
/// <param name="Samples">Samples that were measured.</param>
public sealed record MetricResult(double? Before, double After, double? Drop, Interval? Interval, int Samples);

/// <summary>A confidence interval at a level such as 0.95.</summary>
public sealed record Interval(double Low, double High, double Level);

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

/// <summary>One layer of the original model and what was done to it.</summary>
public sealed record LayerReport(string Name, string Op, IReadOnlyList<LayerChange> Techniques);
