using Compress.Evaluation;
using Compress.Reporting;
using Compress.Tool.Commands;

namespace Compress.Tool.Output;

/// <summary>A run for people: what was done to each layer, what came of it, and where the model is.</summary>
static class RunView
{
    /// <summary>Below this a latency may be a float model's as well, measured twice.</summary>
    const double SlowerFrom = 1.15;

    public static void Write(Page page, CompressionResult result, CompressionRequest request, Verbosity verbosity)
    {
        if (verbosity == Verbosity.Quiet)
            return;
        if (verbosity >= Verbosity.Normal)
            LayersView.Write(page, result.Report.Layers, everything: verbosity >= Verbosity.Detailed);
        TotalsView.Write(page, result.Report);
        WriteRepair(page, result.Report);
        WriteInt8(page, result.Report);
        WriteMetrics(page, result.Report);
        WriteGates(page, result.Report.Gates);
        if (verbosity >= Verbosity.Detailed && result.Report.Seconds.Count > 0)
        {
            page.Line($"Time: {string.Join(", ", result.Report.Seconds.Select(step => $"{step.Key} {Human.Seconds(step.Value)}"))}", Tone.Dim);
            page.Blank();
        }

        WriteEnd(page, result, request);
    }

    /// <summary>What brought a quantized model nearer to the original, and what did not.</summary>
    static void WriteRepair(Page page, Report report)
    {
        foreach (var step in report.Repair)
            page.Line($"Repair by {step.Step}: outputs are off by {step.ErrorBefore:0.0%} before and {step.ErrorAfter:0.0%} after it ({step.Detail}{(step.IsKept ? "" : "; taken back")}).", Tone.Dim);
        if (report.Repair.Count > 0)
            page.Blank();
    }

    /// <summary>What runs in int8 as it was meant to: told where layers do not, and on demand.</summary>
    static void WriteInt8(Page page, Report report)
    {
        if (report.Int8 is not { } int8)
            return;
        page.Line($"ONNX Runtime runs {int8.IntegerLayers} of {int8.IntegerLayers + int8.FloatLayers} layers in int8 here; tensors change between float and int8 {(int8.Crossings == 1 ? "once" : $"{int8.Crossings} times")}.", Tone.Dim);
        if (int8.IntegerLayers > 0 && report.Ratios?.Latency is > SlowerFrom and var latency)
            page.Line($"It takes {latency:0%} of the original's time here: small and depthwise layers, and many changes, cost more than int8 saves. Leave such layers in float, or store weights alone in int8 ('activations: none').", Tone.Doubtful);
        page.Blank();
    }

    static void WriteMetrics(Page page, Report report)
    {
        var sheet = new Sheet("Metric", "Before>", "After>", "Drop>", "Interval", "Samples>");
        foreach (var (name, metric) in report.Metrics.Where(metric => metric.Key != TotalsView.Latency))
        {
            var interval = metric.Interval is { } known
                ? $"{Human.Metric(name, known.Low)} to {Human.Metric(name, known.High)} at {known.Level * 100:0.##}%"
                : Cell.Nothing;
            sheet.Add(name, Human.Metric(name, metric.Before), Human.Metric(name, metric.After), Human.Metric(name, metric.Drop), interval, $"{metric.Samples}");
        }

        page.Table(sheet);
    }

    static void WriteGates(Page page, IReadOnlyList<GateResult> gates)
    {
        var sheet = new Sheet("Gate", "Limit", "Verdict", "Detail");
        foreach (var gate in gates)
        {
            var verdict = gate.Verdict switch
            {
                GateVerdict.Passed => Cell.Of("passed", Tone.Good),
                GateVerdict.Failed => Cell.Of("FAILED", Tone.Bad),
                _ => Cell.Of("not measured", Tone.Doubtful),
            };
            sheet.Add(gate.Name, gate.Limit, verdict, gate.Detail);
        }

        page.Table(sheet);
    }

    static void WriteEnd(Page page, CompressionResult result, CompressionRequest request)
    {
        if (request.ReportDirectory is { } folder)
            page.Line($"Report: {Path.Combine(folder, "report.json")}");
        if (result.Outcome == Outcome.GateFailed)
        {
            page.Line("Rejected: a gate failed, and the output is as it was.", Tone.Bad);
            if (result.RejectedPath is { } kept)
                page.Line($"The rejected model is kept as {kept}");
        }
        else if (result.OutputPath is { } output)
        {
            page.Line($"Written: {output}", Tone.Good);
        }
        else
        {
            page.Line("Nothing was written: the policy asks for no compression.");
        }
    }
}
