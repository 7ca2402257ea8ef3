using Compress.Policies;
using Compress.Techniques;

namespace Compress.Factorization;

/// <summary>Chooses the rank of a truncated SVD. Two factors of rank r cost r·(in + out) where the matrix costs in·out.</summary>
static class SvdRankPlanner
{
    /// <param name="settings">How the rank is chosen.</param>
    /// <param name="inputs">Rows of the matrix that multiplies, as inputs x outputs.</param>
    /// <param name="outputs">Its columns.</param>
    /// <param name="squaredSingularValues">The spectrum; asked for only where the rule needs it.</param>
    /// <param name="outputEnergies">
    /// What each principal axis of the layer's outputs on calibration data holds of their energy; null where there is no data.
    /// </param>
    /// <returns>A rank that saves multiply-accumulates and weights, or why there is none.</returns>
    public static Attempt<int> Plan(
        FactorizeSettings settings, int inputs, int outputs, Func<double[]> squaredSingularValues, Func<double[]>? outputEnergies = null)
    {
        if (RankPlanner.Check(settings) is { } refusal)
            return refusal;
        var max = Math.Min(inputs, outputs);
        var multiple = RankPlanner.Multiple(settings, max);
        var before = (double)inputs * outputs;
        int rank;
        switch (settings.Rule)
        {
            case RankRule.Rank:
                if (settings.Ranks is not [var given])
                    return Refusal.OutOfRange($"{settings.Ranks.Count} ranks are given; svd takes one");
                if (given < 1 || given > max)
                    return Refusal.OutOfRange($"rank {given} is not in 1..{max} = min(inputs, outputs)");
                rank = given;
                break;
            case RankRule.Ratio:
                rank = RankPlanner.Share(settings.Value, max, multiple);
                break;
            case RankRule.Energy:
                rank = Found(RankPlanner.ForEnergy((outputEnergies ?? squaredSingularValues)(), settings.Value));
                break;
            case RankRule.Error:
                if (outputEnergies is null)
                    return Refusal.CannotApply("its inputs cannot be sampled, and an error of its output cannot be measured; give a rank, ratio, energy or speedup");
                rank = Found(RankPlanner.ForError(outputEnergies(), settings.Value));
                break;
            case RankRule.Auto:
                rank = Found(VariationalBayes.Rank(squaredSingularValues(), Math.Max(inputs, outputs)));
                break;
            default:
                var largest = (int)(before / settings.Value / ((double)inputs + outputs));
                if (largest < 1)
                    return Refusal.CannotApply($"no rank reaches speedup {settings.Value:0.####}; rank 1 gives {before / ((double)inputs + outputs):0.##}");
                rank = RankPlanner.RoundDown(largest, multiple);
                break;
        }

        if (Saves(rank, inputs, outputs))
            return rank;
        return Refusal.CannotApply($"rank {rank} would save nothing: weights {before} -> {rank * ((double)inputs + outputs)}");

        // Rounded up where that still saves.
        int Found(int least) => RankPlanner.RoundUp(least, multiple, max) is var rounded && Saves(rounded, inputs, outputs) ? rounded : least;
    }

    static bool Saves(int rank, int inputs, int outputs) => rank * ((long)inputs + outputs) < (long)inputs * outputs;
}
