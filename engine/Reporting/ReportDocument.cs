using Compress.Evaluation;
using Compress.Execution;
using Compress.Techniques;
using Compress.Verification;

namespace Compress.Reporting;

/// <summary>report.json, field by field in the order of the file.</summary>
sealed record ReportDocument(
    int Schema, Verdict Verdict, ModelSummary? Before, ModelSummary? After, RatiosEntry Ratios, Verified? Verified, IReadOnlyList<RepairGain> Repair, IntegerExecution? Int8,
    IReadOnlyDictionary<string, MetricEntry> Metrics, IReadOnlyList<GateResult> Gates, IReadOnlyList<LayerEntry> Layers,
    IReadOnlyList<DiagnosticEntry> Diagnostics, IReadOnlyDictionary<string, double> Seconds)
{
    public static ReportDocument Of(Report report) => new(
        report.Schema, report.Verdict, report.Before, report.After, RatiosEntry.Of(report.Ratios), report.Verified, report.Repair, report.Int8,
        report.Metrics.ToDictionary(entry => entry.Key, entry => MetricEntry.Of(entry.Value)), report.Gates,
        [.. report.Layers.Select(LayerEntry.Of)], [.. report.Diagnostics.Select(DiagnosticEntry.Of)], report.Seconds);

    public Report ToReport() => new()
    {
        Schema = Schema,
        Verdict = Verdict,
        Before = Before,
        After = After,
        Ratios = Ratios.ToRatios(),
        Verified = Verified,
        Repair = Repair,
        Int8 = Int8,
        Metrics = Metrics.ToDictionary(entry => entry.Key, entry => entry.Value.ToMetric()),
        Gates = Gates,
        Layers = [.. Layers.Select(layer => layer.ToLayer())],
        Diagnostics = [.. Diagnostics.Select(diagnostic => diagnostic.ToDiagnostic())],
        Seconds = Seconds,
    };
}

sealed record RatiosEntry(double? Size, double? DownloadSize, double? Parameters, double? Macs, double? Latency)
{
    public static RatiosEntry Of(Ratios? ratios) => new(ratios?.Size, ratios?.DownloadSize, ratios?.Parameters, ratios?.Macs, ratios?.Latency);

    public Ratios? ToRatios() => Size is { } size && Parameters is { } parameters ? new Ratios(size, parameters, Macs, Latency, DownloadSize) : null;
}

/// <summary>A metric; the interval's two ends and its level stand side by side.</summary>
sealed record MetricEntry(double? Before, double After, double? Drop, double[]? Interval, double? Level, int Samples)
{
    public static MetricEntry Of(MetricResult metric) => new(
        metric.Before, metric.After, metric.Drop, metric.Interval is { } interval ? [interval.Low, interval.High] : null,
        metric.Interval?.Level, metric.Samples);

    public MetricResult ToMetric() =>
        new(Before, After, Drop, Interval is [var low, var high] ? new Interval(low, high, Level ?? double.NaN) : null, Samples);
}

sealed record LayerEntry(string Name, string Op, IReadOnlyList<TechniqueEntry> Techniques)
{
    public static LayerEntry Of(LayerReport layer) => new(layer.Name, layer.Op, [.. layer.Techniques.Select(TechniqueEntry.Of)]);

    public LayerReport ToLayer() => new(Name, Op, [.. Techniques.Select(technique => technique.ToChange(Name, Op))]);
}

sealed record TechniqueEntry(string Kind, string Settings, LayerState? Before, LayerState? After, double? ErrorBefore, double? Error, string? Skipped)
{
    public static TechniqueEntry Of(LayerChange change) =>
        new(change.Kind, change.Settings, change.Before, change.After, change.ErrorBefore, change.Error, change.Skipped);

    public LayerChange ToChange(string layer, string op) => new(layer, op, Kind, Settings, Before, After, Error, Skipped, ErrorBefore);
}
