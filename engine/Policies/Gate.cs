using Compress.Diagnostics;

namespace Compress.Policies;

/// <summary>One limit on what may be lost. At least one of the limits is given.</summary>
/// <param name="Metric">The metric's name: <c>top1</c>, <c>top5</c>, <c>agreement</c>, <c>mse</c>, <c>cosine</c>, <c>size</c>, <c>macs</c>, <c>parameters</c>, <c>latency</c>.</param>
/// <param name="Position">Where the gate stands in the policy.</param>
/// <param name="MaxDrop">The most that the metric may worsen against the original, as an absolute difference.</param>
/// <param name="Min">The least value of the compressed model's metric.</param>
/// <param name="Max">The greatest value; for size, macs, parameters and latency a ratio to the original.</param>
/// <param name="Confidence">Judges the worse end of the interval at this level in place of the point; null for the point.</param>
/// <param name="Batch">Samples per run for latency; null for 1.</param>
/// <param name="Threads">Threads for latency; null for the run's.</param>
public sealed record Gate(
    string Metric, SourcePosition Position, double? MaxDrop = null, double? Min = null, double? Max = null,
    double? Confidence = null, int? Batch = null, int? Threads = null);
