using System.Globalization;
using System.Text;
using Compress.Evaluation;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Evaluation;

public class SampleSizeTests
{
    [Theory]
    [InlineData(0.01, 0, 0.05, 0.95)]
    [InlineData(0.01, 0.005, 0.02, 0.95)]
    [InlineData(0.02, 0.01, 0.10, 0.99)]
    public void So_many_samples_bring_the_interval_within_the_limit_and_a_fifth_fewer_do_not(double limit, double drop, double changed, double level)
    {
        var samples = SampleSize.ForDrop(limit, drop, changed, level);

        // Answers are whole: the drop of the table is that asked for up to one answer.
        Assert.InRange(Expected(samples).DropInterval(level).High, drop, limit + 1.0 / samples);
        Assert.True(Expected(samples * 0.8).DropInterval(level).High > limit);

        PairedOutcomes Expected(double n)
        {
            int before = (int)Math.Round(n * (changed + drop) / 2), after = (int)Math.Round(n * (changed - drop) / 2);
            return new PairedOutcomes((int)n - before - after, before, after, 0);
        }
    }

    [Fact]
    public void A_drop_of_the_limit_can_never_be_shown_to_be_within()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleSize.ForDrop(0.01, 0.01, 0.05, 0.95));
    }

    [Fact]
    public void The_table_in_the_docs_is_computed()
    {
        var table = new StringBuilder("| `max-drop` | answers changed | 90% | 95% | 99% |\n|---|---|---|---|---|\n");
        foreach (var limit in new[] { 0.005, 0.01, 0.02 })
        {
            foreach (var changed in new[] { 0.02, 0.05, 0.10 })
            {
                var sizes = new[] { 0.90, 0.95, 0.99 }.Select(level => SampleSize.ForDrop(limit, limit / 2, changed, level));
                table.Append(CultureInfo.InvariantCulture, $"| {limit * 100}% | {changed * 100}% | {string.Join(" | ", sizes)} |\n");
            }
        }

        Assert.Contains(table.ToString(), Repository.Read("docs/gates.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_metric_and_limit_is_described()
    {
        var page = Repository.Read("docs/gates.md");

        Assert.All([.. MetricNames.OnData, .. MetricNames.OfModels, "max-drop", "min", "max", "confidence", "batch", "threads"],
            name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }
}
