using Compress.Data;

namespace Compress.Execution;

/// <summary>
/// Compares how long two models take. They take turns, so that a machine that slows down or is shared slows both alike, and medians
/// are compared, which a few disturbed runs do not move. A turn is many runs long, and its first ones are not counted: the runtime's
/// threads spin for a while after a run, and would take the cores from the other model if turns were single runs.
/// </summary>
public static class LatencyMeter
{
    /// <summary>Fewer turns than this make no comparison worth the name.</summary>
    const int LeastTurns = 2;

    static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(5);
    static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(20);

    /// <summary>Measures one model against the other on the same batch.</summary>
    /// <param name="baseline">The original.</param>
    /// <param name="candidate">The compressed model.</param>
    /// <param name="sample">One batch, as both models take it.</param>
    /// <param name="budget">
    /// How long to measure, 1 s by default. Each model has at least two turns after warming up, whatever they take.
    /// </param>
    /// <param name="cancellation">Stops before the next operator.</param>
    /// <exception cref="Diagnostics.CompressException">CMP2003 or CMP3003: a model cannot be run on the batch.</exception>
    public static LatencyComparison Ratio(
        Session baseline, Session candidate, IReadOnlyDictionary<string, DataTensor> sample,
        TimeSpan? budget = null, CancellationToken cancellation = default) =>
        Ratio(() => baseline.Run(sample, cancellation).Dispose(), () => candidate.Run(sample, cancellation).Dispose(),
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
        for (var turn = 0; turn < LeastTurns || clock.GetElapsedTime(begin) < budget; turn++)
        {
            // The order turns too: neither model always finds the caches that the other left.
            if (turn % 2 == 0)
            {
                TakeTurn(baseline, before, clock, cancellation);
                TakeTurn(candidate, after, clock, cancellation);
            }
            else
            {
                TakeTurn(candidate, after, clock, cancellation);
                TakeTurn(baseline, before, clock, cancellation);
            }
        }

        return new LatencyComparison(Median(before), Median(after), Math.Min(before.Count, after.Count));
    }

    static void TakeTurn(Action run, List<double> times, TimeProvider clock, CancellationToken cancellation)
    {
        var begin = clock.GetTimestamp();
        do
            run();
        while (clock.GetElapsedTime(begin) < Settling);

        begin = clock.GetTimestamp();
        do
        {
            cancellation.ThrowIfCancellationRequested();
            times.Add(Time(run, clock));
        }
        while (clock.GetElapsedTime(begin) < Turn);
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
