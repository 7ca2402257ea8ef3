using Compress.Data;
using Compress.Execution;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Execution;

public class LatencyMeterTests
{
    readonly Clock clock = new();

    [Fact]
    public void The_ratio_is_that_of_the_medians_whatever_a_few_disturbed_runs_took()
    {
        var run = 0;

        var comparison = LatencyMeter.Ratio(
            () => clock.Advance(4), () => clock.Advance(run++ % 10 == 0 ? 500 : 3), TimeSpan.FromSeconds(10), clock);

        Assert.Equal((4, 3, 0.75), (comparison.Before, comparison.After, comparison.Ratio));
    }

    [Fact]
    public void Models_take_turns_of_many_runs_and_the_order_turns_too()
    {
        var order = "";

        LatencyMeter.Ratio(() => Run("a"), () => Run("b"), TimeSpan.FromMilliseconds(1), clock);

        // Warming up, then for each turn one run of 7 ms to settle and three to fill 20 ms.
        Assert.Equal("ab" + "aaaa" + "bbbb" + "bbbb" + "aaaa", order);

        void Run(string model)
        {
            order += model;
            clock.Advance(7);
        }
    }

    [Fact]
    public void Measuring_ends_with_the_turns_in_which_the_budget_does()
    {
        LatencyMeter.Ratio(() => clock.Advance(1), () => clock.Advance(1), TimeSpan.FromSeconds(1), clock);

        // 200 ms of warming up, then rounds of two turns of 25 ms.
        Assert.Equal(1000, clock.Milliseconds);
    }

    [Fact]
    public void First_runs_are_not_counted()
    {
        var run = 0;

        var comparison = LatencyMeter.Ratio(() => clock.Advance(2), () => clock.Advance(run++ < 1 ? 900 : 2), TimeSpan.FromSeconds(1), clock);

        Assert.Equal(1, comparison.Ratio);
    }

    [Fact]
    public void Sessions_are_measured_against_each_other()
    {
        using var session = Session.Open(new GraphBuilder().Input("x", -1, 4).Relu("x", "y").Output("y", -1, 4).Build(), new SessionSettings(1));

        var comparison = LatencyMeter.Ratio(
            session, session, new Dictionary<string, DataTensor> { ["x"] = DataTensor.Of(new float[4], 1, 4) }, TimeSpan.Zero);

        Assert.True(comparison.Runs > 0);
        Assert.True(comparison.Ratio > 0);
    }

    sealed class Clock : TimeProvider
    {
        public long Milliseconds { get; private set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Milliseconds;

        public void Advance(int milliseconds) => Milliseconds += milliseconds;
    }
}
