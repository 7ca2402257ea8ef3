using Compress.Numerics;

namespace Compress.Regression;

/// <summary>
/// Fits layers one after another by ridge regression around the weights that they have. The penalty, and whether to fit at all, is decided on
/// samples that a first fit does not see; the final one sees all.
/// </summary>
sealed class RidgeFit
{
    static readonly double[] Penalties = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100];

    /// <summary>Of the squared outputs: what rounding leaves is not worth a fit.</summary>
    const double NothingLeft = 1e-10;

    /// <summary>When so many layers in a row were best fitted with the same penalty, no others are tried: each costs a factorization.</summary>
    const int EnoughInRow = 4;

    int usualPenalty = 3;
    int timesInRow;
    float[] room = [];

    /// <summary>What is to be added to weights, so that they give the wanted outputs.</summary>
    /// <param name="samples">Inputs and wanted outputs; what the weights give is taken off the latter.</param>
    /// <param name="weights">Outputs x inputs, with the bias in the last column.</param>
    public RidgeCorrection Find(LayerSamples samples, FloatMatrix weights)
    {
        var squares = samples.Validation.SquaredNorm;
        samples.Subtract(weights);
        var untouched = samples.Validation.SquaredNorm;
        if (untouched <= NothingLeft * squares)
            return new RidgeCorrection(null, Math.Sqrt(untouched / squares), Math.Sqrt(untouched / squares));
        var biasUnit = (float)samples.EnlargeOnes();
        var size = RidgeRegression.SizeOf(samples.All);
        if (room.Length < size * size)
            room = new float[size * size];
        var problem = new RidgeRegression(samples.All, samples.Train.Rows, room);
        var (error, penalty) = Validate(problem, untouched);
        if (penalty is not { } chosen || problem.Solve(chosen) is not { } correction)
            return new RidgeCorrection(null, Math.Sqrt(untouched / squares), Math.Sqrt(untouched / squares));
        for (var o = 0; o < correction.Rows; o++)
            correction.Row(o)[^1] *= biasUnit;
        return new RidgeCorrection(correction, Math.Sqrt(untouched / squares), Math.Sqrt(error / squares));
    }

    /// <summary>
    /// The penalty with the least error on the rows for validation, if there is one better than no fit. Error against penalty has one valley:
    /// the search goes down from the last layer's choice.
    /// </summary>
    (double Error, double? Penalty) Validate(RidgeRegression problem, double untouched)
    {
        var errors = new double?[Penalties.Length];
        var best = usualPenalty;
        foreach (var step in timesInRow < EnoughInRow ? (int[])[-1, 1] : [])
        {
            while (best + step >= 0 && best + step < Penalties.Length && Error(best + step) < Error(best))
                best += step;
        }

        (usualPenalty, timesInRow) = (best, best == usualPenalty ? timesInRow + 1 : 1);
        return Error(best) < untouched ? (Error(best), Penalties[best]) : (untouched, null);

        double Error(int penalty) => errors[penalty] ??= problem.ErrorWithheld(Penalties[penalty]);
    }
}

/// <summary>What a fit found.</summary>
/// <param name="Added">What is to be added to the weights, outputs x (inputs + 1); null where no fit was better than none.</param>
/// <param name="Before">The relative error of the outputs on the samples for validation with the weights as they were.</param>
/// <param name="After">The same after a fit to the other samples.</param>
sealed record RidgeCorrection(FloatMatrix? Added, double Before, double After);
