using Compress.Data;
using Compress.Execution;

namespace Compress.Benchmarks;

/// <summary>Two models of the same inputs.</summary>
static class FilePair
{
    /// <summary>Times both on one made-up sample, in turns.</summary>
    /// <param name="before">The one model's file.</param>
    /// <param name="after">The other's.</param>
    /// <param name="threads">Threads within an operator; 0 leaves the number to ONNX Runtime.</param>
    /// <param name="budget">For how long.</param>
    /// <param name="obstacle">Why there is no sample.</param>
    /// <param name="shapes">Sizes of inputs that the model leaves free.</param>
    /// <returns>Null where there is no sample.</returns>
    public static LatencyComparison? Latency(
        string before, string after, int threads, TimeSpan budget, out string? obstacle, IReadOnlyDictionary<string, int[]>? shapes = null)
    {
        using var one = Session.Open(before, new SessionSettings(threads));
        using var other = Session.Open(after, new SessionSettings(threads));
        return ProbeSample.Of(one.Inputs, out obstacle, shapes) is { } sample ? LatencyMeter.Ratio(one, other, sample, budget) : null;
    }
}
