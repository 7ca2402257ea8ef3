namespace Compress.Evaluation;

/// <summary>After divided by before.</summary>
public sealed record Ratios(double Size, double Parameters, double? Macs, double? Latency, double? DownloadSize = null);
