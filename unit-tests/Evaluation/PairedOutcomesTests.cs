using Compress.Evaluation;

namespace Compress.UnitTests.Evaluation;

public class PairedOutcomesTests
{
    /// <summary>
    /// Complete response before and after consolidation therapy (Cavo et al., Blood 120, 2012), an example of Fagerland, Lydersen
    /// and Laake, Statistical Analysis of Contingency Tables (2017), chapter 8; the R package contingencytables gives −0.1182 to −0.0045.
    /// </summary>
    [Fact]
    public void The_interval_of_a_drop_is_that_of_a_published_example()
    {
        var outcomes = new PairedOutcomes(59, 6, 16, 80);

        var interval = outcomes.DropInterval(0.95);

        Assert.Equal(-0.0621, outcomes.Drop, 4);
        Assert.Equal(-0.1182, interval.Low, 4);
        Assert.Equal(-0.0045, interval.High, 4);
    }

    [Fact]
    public void A_drop_is_the_share_that_only_the_original_has_right_less_the_share_that_only_the_other_has()
    {
        var outcomes = new PairedOutcomes(80, 9, 4, 7);

        Assert.Equal((0.89, 0.84, 0.05, 100), (outcomes.Before, outcomes.After, outcomes.Drop, outcomes.Samples));
    }

    [Fact]
    public void No_change_at_all_still_leaves_doubt_about_small_changes()
    {
        var interval = new PairedOutcomes(90, 0, 0, 10).DropInterval(0.95);

        // 1.96 √(1/102) / √102
        Assert.Equal(1.95996 / 102, interval.High, 6);
        Assert.Equal(-interval.High, interval.Low);
    }

    [Fact]
    public void An_interval_stays_within_what_a_drop_can_be()
    {
        var interval = new PairedOutcomes(0, 2, 0, 0).DropInterval(0.999);

        Assert.Equal(1, interval.High);
    }

    /// <summary>
    /// The chance that the interval holds the true drop, summed over every table that 30 pairs can give. Agresti and Min report a
    /// mean coverage near the level and no deep dips; the plain Wald interval falls far below in the first case.
    /// </summary>
    [Theory]
    [InlineData(0.02, 0.01)]
    [InlineData(0.05, 0.05)]
    [InlineData(0.10, 0.02)]
    [InlineData(0.20, 0.10)]
    [InlineData(0.40, 0.30)]
    public void The_interval_covers_the_true_drop_about_as_often_as_it_promises(double onlyBefore, double onlyAfter)
    {
        const int Pairs = 30;
        double covered = 0, total = 0;
        for (var b = 0; b <= Pairs; b++)
        {
            for (var c = 0; b + c <= Pairs; c++)
            {
                var probability = Multinomial(Pairs, b, onlyBefore, c, onlyAfter);
                total += probability;
                var interval = new PairedOutcomes(Pairs - b - c, b, c, 0).DropInterval(0.95);
                if (interval.Low <= onlyBefore - onlyAfter && onlyBefore - onlyAfter <= interval.High)
                    covered += probability;
            }
        }

        Assert.Equal(1, total, 9);
        Assert.InRange(covered, 0.93, 0.9999);
    }

    static double Multinomial(int n, int b, double pb, int c, double pc)
    {
        var logarithm = LogFactorial(n) - LogFactorial(b) - LogFactorial(c) - LogFactorial(n - b - c)
            + b * Math.Log(pb) + c * Math.Log(pc) + (n - b - c) * Math.Log(1 - pb - pc);
        return Math.Exp(logarithm);
    }

    static double LogFactorial(int n) => Enumerable.Range(1, n).Sum(i => Math.Log(i));
}
