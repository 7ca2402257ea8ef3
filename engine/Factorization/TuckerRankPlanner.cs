using Compress.Policies;
using Compress.Techniques;

namespace Compress.Factorization;

/// <summary>Chooses the ranks of a Tucker decomposition for one convolution.</summary>
static class TuckerRankPlanner
{
    /// <summary>Layers with so few input channels, as images have, keep the input mode whole.</summary>
    public const int FewInputs = 4;

    /// <param name="settings">How ranks are chosen.</param>
    /// <param name="cost">The layer.</param>
    /// <param name="squaredSingularValues">The spectrum of a mode unfolding; asked for only where the rule needs it.</param>
    /// <param name="outputEnergies">The energy of the layer's outputs on calibration data along the directions of a mode; null where there is no data.</param>
    /// <returns>Ranks that save both multiply-accumulates and weights, or why there are none.</returns>
    public static Attempt<TuckerRanks> Plan(
        FactorizeSettings settings, TuckerCost cost, Func<Mode, double[]> squaredSingularValues, Func<Mode, double[]>? outputEnergies = null)
    {
        if (RankPlanner.Check(settings) is { } refusal)
            return refusal;
        var attempt = settings.Rule switch
        {
            RankRule.Budget when settings.Ranks is [RankBudget.LeftWhole] => RankPlanner.LeftWhole,
            RankRule.Rank or RankRule.Budget => Given(settings, cost),
            RankRule.Ratio => Ratio(settings, cost),
            RankRule.Energy => Rounded(settings, cost, mode => RankPlanner.ForEnergy((outputEnergies ?? squaredSingularValues)(mode), settings.Value)),
            RankRule.Error => outputEnergies is null
                ? RankPlanner.NoSamples
                : Rounded(settings, cost, mode => ForError(outputEnergies(mode), settings.Value, cost)),
            RankRule.Auto => Rounded(settings, cost, mode => Auto(squaredSingularValues(mode), cost, mode)),
            _ => Speedup(settings, cost),
        };
        if (attempt.Refusal is not null)
            return attempt;
        var ranks = Reduced(attempt.Result, cost);
        if (cost.Saves(ranks))
            return ranks;
        return Refusal.CannotApply(
            $"{ranks} would not save both: MACs {cost.Macs} -> {cost.MacsAfter(ranks)}, weights {cost.Weights} -> {cost.WeightsAfter(ranks)}");
    }

    static Attempt<TuckerRanks> Given(FactorizeSettings settings, TuckerCost cost)
    {
        if (settings.Ranks is not ([_] or [_, _]))
            return Refusal.OutOfRange($"{settings.Ranks.Count} ranks are given; tucker takes one, or [input, output]");
        var ranks = new TuckerRanks(settings.Ranks[0], settings.Ranks[^1]);
        var inputIsFree = cost.Inputs <= FewInputs && settings.Ranks.Count == 1;
        if (!inputIsFree && (ranks.Input < 1 || ranks.Input > cost.MaxInputRank))
            return Refusal.OutOfRange($"input rank {ranks.Input} is not in 1..{cost.MaxInputRank} = min(C_in, C_out·K)");
        if (ranks.Output < 1 || ranks.Output > cost.MaxOutputRank)
            return Refusal.OutOfRange($"output rank {ranks.Output} is not in 1..{cost.MaxOutputRank} = min(C_out, C_in·K)");
        return ranks;
    }

    static TuckerRanks Ratio(FactorizeSettings settings, TuckerCost cost) => new(
        RankPlanner.Share(settings.Value, cost.MaxInputRank, InputMultiple(settings, cost)),
        RankPlanner.Share(settings.Value, cost.MaxOutputRank, OutputMultiple(settings, cost)));

    /// <summary>The least ranks that keep a rule's promise, rounded up where that still saves.</summary>
    static TuckerRanks Rounded(FactorizeSettings settings, TuckerCost cost, Func<Mode, int> leastOf)
    {
        int? input = cost.Inputs <= FewInputs ? null : Math.Min(cost.MaxInputRank, leastOf(Mode.Input));
        var output = Math.Min(cost.MaxOutputRank, leastOf(Mode.Output));
        var rounded = new TuckerRanks(
            input is { } rank ? RankPlanner.RoundUp(rank, InputMultiple(settings, cost), cost.MaxInputRank) : null,
            RankPlanner.RoundUp(output, OutputMultiple(settings, cost), cost.MaxOutputRank));
        return cost.Saves(Reduced(rounded, cost)) ? rounded : new TuckerRanks(input, output);
    }

    /// <summary>What both modes leave out adds up at most (De Lathauwer, De Moor and Vandewalle 2000a): each may leave out half.</summary>
    static int ForError(double[] energies, double error, TuckerCost cost) =>
        RankPlanner.ForError(energies, cost.Inputs <= FewInputs ? error : error / Math.Sqrt(2));

    /// <summary>The other side of a mode's unfolding is all that is no channel of the mode.</summary>
    static int Auto(double[] squaredSingularValues, TuckerCost cost, Mode mode)
    {
        var (channels, others) = mode == Mode.Input ? (cost.Inputs, cost.Outputs * cost.KernelSize) : (cost.Outputs, cost.Inputs * cost.KernelSize);
        return VariationalBayes.Rank(squaredSingularValues.AsSpan(0, Math.Min(channels, others)), Math.Max(channels, others));
    }

    /// <summary>
    /// Solves MacsAfter(k·C_in, k·C_out) = Macs / m, which is a quadratic equation in k, then takes the most costly of the
    /// four roundings of the two ranks that still keeps the promise.
    /// </summary>
    static Attempt<TuckerRanks> Speedup(FactorizeSettings settings, TuckerCost cost)
    {
        var whole = cost.Inputs <= FewInputs;
        var (inputs, outputs) = ((double)cost.Inputs, (double)cost.Outputs);
        var quadratic = whole ? 0 : (double)cost.Macs / cost.Groups;
        var linear = whole
            ? (inputs * cost.KernelSize + outputs) * outputs * cost.OutputPositions
            : inputs * inputs * cost.InputPositions + outputs * outputs * cost.OutputPositions;
        var target = (double)cost.Macs / cost.Groups / settings.Value;
        var k = 2 * target / (linear + Math.Sqrt(linear * linear + 4 * quadratic * target));

        TuckerRanks? best = null;
        foreach (var input in whole ? [null] : Around(k * inputs, InputMultiple(settings, cost), cost.MaxInputRank))
        {
            foreach (var output in Around(k * outputs, OutputMultiple(settings, cost), cost.MaxOutputRank))
            {
                var ranks = new TuckerRanks(input, output!.Value);
                if (cost.Reaches(settings.Value, ranks) && (best is null || cost.MacsAfter(ranks) > cost.MacsAfter(best.Value)))
                    best = ranks;
            }
        }

        // With few channels, a rank that cannot go below 1 may leave the other one less than its share.
        var least = new TuckerRanks(whole ? null : 1, 1);
        for (var output = (int)Math.Min(cost.MaxOutputRank, k * outputs); best is null && output >= 1; output--)
            best = cost.Reaches(settings.Value, least with { Output = output }) ? least with { Output = output } : null;
        for (var input = (int)Math.Min(cost.MaxInputRank, k * inputs); best is null && !whole && input >= 1; input--)
            best = cost.Reaches(settings.Value, least with { Input = input }) ? least with { Input = input } : null;
        return best is { } found
            ? found
            : Refusal.CannotApply($"no rank reaches speedup {settings.Value:0.####}; rank 1 gives {(double)cost.Macs / cost.MacsAfter(least):0.##}");
    }

    static int?[] Around(double rank, int multiple, int max)
    {
        var floor = (int)Math.Min(max, Math.Floor(rank));
        return [RankPlanner.RoundDown(floor, multiple), RankPlanner.RoundUp((int)Math.Min(max, Math.Ceiling(rank)), multiple, max)];
    }

    /// <summary>An input rank that is the number of input channels changes nothing but the cost, so the mode stays whole.</summary>
    public static TuckerRanks Reduced(TuckerRanks ranks, TuckerCost cost) =>
        cost.Inputs <= FewInputs || ranks.Input == cost.Inputs ? ranks with { Input = null } : ranks;

    static int InputMultiple(FactorizeSettings settings, TuckerCost cost) => RankPlanner.Multiple(settings, cost.Inputs);

    static int OutputMultiple(FactorizeSettings settings, TuckerCost cost) => RankPlanner.Multiple(settings, cost.Outputs);
}
