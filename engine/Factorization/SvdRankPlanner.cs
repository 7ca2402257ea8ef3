using Compress.Policies;
using Compress.Techniques;

namespace Compress.Factorization;

/// <summary>Chooses the rank of a factorization of which each rank costs the same.</summary>
static class SvdRankPlanner
{
    /// <param name="settings">How the rank is chosen.</param>
    /// <param name="cost">The layer, and what a rank costs.</param>
    /// <param name="least">The least rank that keeps what the rule promises, for rules that look at weights or data.</param>
    /// <returns>A rank that saves multiply-accumulates and weights, or why there is none.</returns>
    public static Attempt<int> Plan(FactorizeSettings settings, SvdCost cost, Func<Attempt<int>> least)
    {
        if (RankPlanner.Check(settings) is { } refusal)
            return refusal;
        var multiple = RankPlanner.Multiple(settings, cost.MaxRank);
        Attempt<int> attempt = settings.Rule switch
        {
            RankRule.Budget when settings.Ranks is [RankBudget.LeftWhole] => RankPlanner.LeftWhole,
            RankRule.Rank or RankRule.Budget => Given(settings, cost),
            RankRule.Ratio => RankPlanner.Share(settings.Value, cost.MaxRank, multiple),
            RankRule.Speedup => Speedup(settings, cost, multiple),
            _ => least(),
        };
        if (settings.Rule is RankRule.Energy or RankRule.Error or RankRule.Auto && attempt.Refusal is null)
            attempt = Rounded(attempt.Result, cost, multiple);
        if (attempt.Refusal is not null || cost.Saves(attempt.Result))
            return attempt;
        var rank = attempt.Result;
        return Refusal.CannotApply(cost.WeightsAfter(rank) >= cost.Weights
            ? $"rank {rank} would save nothing: weights {cost.Weights} -> {cost.WeightsAfter(rank)}"
            : $"rank {rank} would save nothing: MACs {cost.Macs} -> {cost.MacsAfter(rank)}");
    }

    /// <summary>The least rank that keeps what a rule promises of a spectrum.</summary>
    /// <param name="settings">The rule: energy, error or auto.</param>
    /// <param name="squaredSingularValues">Of the weights; asked for only where the rule needs them.</param>
    /// <param name="outputEnergies">What each principal axis of the layer's outputs on calibration data holds of their energy; null where there is no data.</param>
    /// <param name="longer">The longer side of the matrix.</param>
    public static Attempt<int> Least(FactorizeSettings settings, Func<double[]> squaredSingularValues, Func<double[]>? outputEnergies, int longer) => settings.Rule switch
    {
        RankRule.Energy => RankPlanner.ForEnergy((outputEnergies ?? squaredSingularValues)(), settings.Value),
        RankRule.Error when outputEnergies is null => RankPlanner.NoSamples,
        RankRule.Error => RankPlanner.ForError(outputEnergies!(), settings.Value),
        _ => VariationalBayes.Rank(squaredSingularValues(), longer),
    };

    static Attempt<int> Given(FactorizeSettings settings, SvdCost cost)
    {
        if (settings.Ranks is not [var given])
            return Refusal.OutOfRange($"{settings.Ranks.Count} ranks are given; one is taken");
        return given < 1 || given > cost.MaxRank
            ? Refusal.OutOfRange($"rank {given} is not in 1..{cost.MaxRank} = {cost.MaxText}")
            : given;
    }

    static Attempt<int> Speedup(FactorizeSettings settings, SvdCost cost, int multiple)
    {
        var largest = (int)Math.Min(cost.MaxRank, cost.Macs / settings.Value / cost.MacsOfRank);
        return largest < 1
            ? Refusal.CannotApply($"no rank reaches speedup {settings.Value:0.####}; rank 1 gives {(double)cost.Macs / cost.MacsOfRank:0.##}")
            : RankPlanner.RoundDown(largest, multiple);
    }

    /// <summary>Rounded up where that still saves.</summary>
    static int Rounded(int least, SvdCost cost, int multiple) =>
        RankPlanner.RoundUp(least, multiple, cost.MaxRank) is var rounded && cost.Saves(rounded) ? rounded : Math.Min(least, cost.MaxRank);
}
