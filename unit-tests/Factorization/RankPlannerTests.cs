using System.Globalization;
using Compress.Factorization;
using Compress.Policies;
using Compress.UnitTests.Support;
using CsCheck;

namespace Compress.UnitTests.Factorization;

public class RankPlannerTests
{
    [Fact]
    public void The_maximal_ratio_of_a_square_3x3_layer_made_twice_as_fast_is_known() =>
        Assert.Equal(0.6047, RankPlanner.MaximalRatio(2, 1, 9), 4);

    [Fact]
    public void The_maximal_ratio_grows_with_channels_and_kernel_and_falls_with_speed() =>
        Gen.Select(Gen.Double[1, 8], Gen.Double[0.25, 4], Gen.Int[1, 49]).Sample((speedup, channels, kernel) =>
        {
            var ratio = RankPlanner.MaximalRatio(speedup, channels, kernel);
            return RankPlanner.MaximalRatio(speedup, channels * 1.1, kernel) > ratio
                && RankPlanner.MaximalRatio(speedup, channels, kernel + 1) > ratio
                && RankPlanner.MaximalRatio(speedup * 1.1, channels, kernel) < ratio;
        });

    [Fact]
    public void At_the_maximal_ratio_the_cost_is_the_wanted_one() =>
        Gen.Select(Gen.Double[1, 8], Gen.Double[0.25, 4], Gen.Int[1, 49]).Sample((m, n, kernel) =>
        {
            var k = RankPlanner.MaximalRatio(m, n, kernel);
            Assert.Equal(n * kernel / m, k + k * k * kernel + k * n, 9);
        });

    [Fact]
    public void The_table_in_the_docs_holds_the_formulas_numbers()
    {
        var rows = File.ReadAllLines(Repository.PathOf("docs", "low-rank.md"))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(cells => cells.Length == 5 && cells[1] is "1x1" or "3x3" or "5x5").ToList();

        Assert.Equal(6, rows.Count);
        foreach (var cells in rows)
        {
            var (channels, side) = (double.Parse(cells[0]), cells[1][0] - '0');
            for (var m = 2; m <= 4; m++)
                Assert.Equal(RankPlanner.MaximalRatio(m, channels, side * side).ToString("0.0000", CultureInfo.InvariantCulture), cells[m]);
        }
    }

    [Fact]
    public void A_speedup_is_reached_by_ranks_in_proportion_that_could_not_be_larger() =>
        Gen.Select(Gen.Int[5, 300], Gen.Int[5, 300], Gen.OneOf(1, 3, 9, 25), Gen.OneOf(1L, 4L), Gen.OneOf(1.5, 2.0, 3.0, 4.0), Gen.OneOf(null, (int?)1))
            .Sample((inputs, outputs, kernel, stride, speedup, roundTo) =>
            {
                var cost = new TuckerCost(inputs, outputs, kernel, 49 * stride, 49);
                var attempt = TuckerRankPlanner.Plan(LowRank.By(RankRule.Speedup, speedup, roundTo), cost, _ => throw new InvalidOperationException());
                if (attempt.Refusal is not null)
                {
                    Assert.False(cost.Reaches(speedup, new TuckerRanks(1, 1)) && cost.Saves(new TuckerRanks(1, 1)));
                    return;
                }

                var ranks = attempt.Result;
                Assert.True(cost.Reaches(speedup, ranks));
                Assert.True(cost.Saves(ranks));
                if (ranks.Input is not { } input)
                    return;
                var (inputStep, outputStep) = (roundTo ?? (inputs < 16 ? 1 : 8), roundTo ?? (outputs < 16 ? 1 : 8));
                Assert.True(input + inputStep > cost.MaxInputRank || ranks.Output + outputStep > cost.MaxOutputRank
                    || !cost.Reaches(speedup, new TuckerRanks(input + inputStep, ranks.Output + outputStep)));
                Assert.True(Math.Abs((double)input / inputs - (double)ranks.Output!.Value / outputs) <= 2.0 * inputStep / inputs + 2.0 * outputStep / outputs);
            }, iter: 2000);

    [Fact]
    public void Strides_leave_less_room_as_the_first_factor_runs_on_every_input_position()
    {
        var plain = TuckerRankPlanner.Plan(LowRank.By(RankRule.Speedup, 2), new TuckerCost(64, 64, 9, 100, 100), _ => []).Result;
        var strided = TuckerRankPlanner.Plan(LowRank.By(RankRule.Speedup, 2), new TuckerCost(64, 64, 9, 400, 100), _ => []).Result;

        Assert.Equal(new TuckerRanks(32, 40), plain);
        Assert.True(strided.Input < plain.Input || strided.Output < plain.Output);
    }

    [Theory]
    [InlineData(0.5, null, 32, 16)]
    [InlineData(0.3, null, 16, 8)]
    [InlineData(0.3, 1, 19, 9)]
    [InlineData(0.01, null, 1, 1)]
    public void A_ratio_is_a_share_of_the_channels_rounded_down(double ratio, int? roundTo, int input, int output)
    {
        var plan = TuckerRankPlanner.Plan(LowRank.By(RankRule.Ratio, ratio, roundTo), new TuckerCost(64, 32, 9, 1, 1), _ => []);

        Assert.Equal(new TuckerRanks(input, output), plan.Result);
    }

    [Theory]
    [InlineData(0.5, 1, 1)]
    [InlineData(0.9, 1, 2)]
    [InlineData(1, 1, 4)]
    [InlineData(0.9, null, 8)]
    public void Energy_keeps_the_least_rank_that_holds_the_share_rounded_up(double energy, int? roundTo, int rank)
    {
        double[] spectrum = [6, 3, 0.5, 0.5, .. new double[28]];

        Assert.Equal(rank, Plan(LowRank.By(RankRule.Energy, energy, roundTo), SvdCost.Dense(32, 64), spectrum).Result);
    }

    [Fact]
    public void Rounding_up_is_given_up_where_only_the_exact_rank_saves()
    {
        double[] spectrum = [.. Enumerable.Repeat(1.0, 9), .. new double[9]];

        Assert.Equal(9 - 1, Plan(LowRank.By(RankRule.Energy, 8 / 9.0), SvdCost.Dense(18, 18), spectrum).Result);
        Assert.NotNull(Plan(LowRank.By(RankRule.Energy, 1), SvdCost.Dense(18, 18), spectrum).Refusal);
        Assert.Equal(9, Plan(LowRank.By(RankRule.Energy, 1), SvdCost.Dense(20, 20), [.. spectrum, 0, 0]).Result);
    }

    [Theory]
    [InlineData(784, 512, 2, 152)]
    [InlineData(512, 10, 4, 2)]
    [InlineData(12, 12, 2, 3)]
    public void A_speedup_of_a_dense_layer_follows_from_r_times_in_plus_out(int inputs, int outputs, double speedup, int rank)
    {
        Assert.Equal(rank, Plan(LowRank.By(RankRule.Speedup, speedup), SvdCost.Dense(inputs, outputs), []).Result);
        Assert.True(rank * (inputs + outputs) * speedup <= inputs * outputs);
    }

    static Attempt<int> Plan(FactorizeSettings settings, SvdCost cost, double[] spectrum) =>
        SvdRankPlanner.Plan(settings, cost, () => SvdRankPlanner.Least(settings, () => spectrum, null, 64));
}
