using Compress.Data;
using Compress.Execution;

namespace Compress.Evaluation;

/// <summary>
/// Compares how long two models take. Their runs alternate, so that a machine that slows down or is shared slows both alike,
/// and medians are compared, which a few disturbed runs do not move.
/// </summary>
public static class LatencyMeter
{
    /// <summary>Fewer pairs than this make no median worth the name.</summary>
    const int LeastPairs = 5;

    const int MostPairs = 10_000;

    /// <summary>Measures one model against the other on the same batch.</summary>
    /// <param name="baseline">The original.</param>
    /// <param name="candidate">The compressed model.</param>
    /// <param name="sample">One batch, as both models take it.</param>
    /// <param name="budget">
    /// How long to measure, 1 s by default. At least five pairs of runs are made after warming up, whatever they take.
    /// </param>
    /// <param name="cancellation">Stops between runs.</param>
    /// <exception cref="Diagnostics.CompressException">CMP2003 or CMP3003: a model cannot be run on the batch.</exception>
    public static LatencyComparison Ratio(
        Session baseline, Session candidate, IReadOnlyDictionary<string, DataTensor> sample,
        TimeSpan? budget = null, CancellationToken cancellation = default) =>
        Ratio(() => baseline.Run(sample).Dispose(), () => candidate.Run(sample).Dispose(),
            budget ?? TimeSpan.FromSeconds(1), TimeProvider.System, cancellation);

    internal static LatencyComparison Ratio(
        Action baseline, Action candidate, TimeSpan budget, TimeProvider clock, CancellationToken cancellation = default)
    {
        // First runs allocate and fault pages in; a fifth of the budget goes to leaving that behind.
        var begin = clock.GetTimestamp();
        do
        {
            cancellation.ThrowIfCancellationRequested();
            baseline();
            candidate();
        }
        while (clock.GetElapsedTime(begin) < budget / 5);

        List<double> before = [], after = [];
        while (before.Count < LeastPairs || (before.Count < MostPairs && clock.GetElapsedTime(begin) < budget))
        {
            cancellation.ThrowIfCancellationRequested();
            // The order turns with each pair: neither model always finds the caches that the other left.
            if (before.Count % 2 == 0)
            {
                before.Add(Time(baseline, clock));
                after.Add(Time(candidate, clock));
            }
            else
            {
                after.Add(Time(candidate, clock));
                before.Add(Time(baseline, clock));
            }
        }

        return new LatencyComparison(Median(before), Median(after), before.Count);
    }

    static double Time(Action run, TimeProvider clock)
    {
        var begin = clock.GetTimestamp();
        run();
        return clock.GetElapsedTime(begin).TotalMilliseconds;
    }

    static double Median(List<double> values)
    {
        values.Sort();
        var middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
