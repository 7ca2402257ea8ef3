using Compress.Evaluation;
using Compress.Reporting;

namespace Compress.Tool.Output;

/// <summary>The model as a whole: before, after, and after divided by before.</summary>
static class TotalsView
{
    /// <summary>The metric that stands among the totals; in milliseconds.</summary>
    public const string Latency = "latency";

    public static void Write(Page page, Report report)
    {
        if (report.Before is not { } before || report.After is not { } after)
            return;
        var sheet = new Sheet("Total", "Before>", "After>", "Ratio>");
        sheet.Add("size", Human.Bytes(before.Bytes), Human.Bytes(after.Bytes), Human.Percent(report.Ratios?.Size));
        if (report.Ratios?.DownloadSize is { } download)
            sheet.Add("download", Human.Bytes(before.DownloadBytes!.Value), Human.Bytes(after.DownloadBytes!.Value), Human.Percent(download));
        sheet.Add("parameters", Human.Count(before.Parameters), Human.Count(after.Parameters), Human.Percent(report.Ratios?.Parameters));
        if (before.Macs is not null || after.Macs is not null)
            sheet.Add("MACs", Human.Count(before.Macs), Human.Count(after.Macs), Human.Percent(report.Ratios?.Macs));
        var latency = report.Metrics.GetValueOrDefault(Latency);
        if (latency is not null || report.Ratios?.Latency is not null)
            sheet.Add(Latency, Human.Milliseconds(latency?.Before), Human.Milliseconds(latency?.After), Human.Percent(report.Ratios?.Latency));
        page.Table(sheet);
    }
}
