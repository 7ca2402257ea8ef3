using System.Text.Json;
using Compress.Evaluation;
using Compress.Execution;

namespace Compress.Benchmarks;

/// <summary>What one policy reached.</summary>
/// <param name="Model">The model's file name without extension.</param>
/// <param name="Ratios">After / before; the latency in it is not used.</param>
/// <param name="Top1">On the evaluation data, with an interval at 95%.</param>
/// <param name="Latency">Batch 1, one thread.</param>
/// <param name="Seconds">Wall-clock time of the run: reading, compressing, evaluating.</param>
/// <param name="PeakBytes">The most memory that the process held at any time of the run.</param>
sealed record Figure(string Model, Ratios Ratios, MetricResult Top1, LatencyComparison Latency, double Seconds, long PeakBytes)
{
    public static Figure Read(string json) => JsonSerializer.Deserialize<Figure>(json) ?? throw new JsonException("the figure is null");

    public void Write(TextWriter writer) => writer.WriteLine(JsonSerializer.Serialize(this));
}
