using Compress.Numerics;

namespace Compress.Pruning;

/// <summary>
/// Chooses variables by LASSO (He et al., Channel Pruning, ICCV 2017): λ is raised until no more than the wanted number of coefficients
/// are other than zero.
/// </summary>
static class LassoSelection
{
    const int MostSteps = 60;

    /// <summary>The least λ that is tried, as a share of that which makes all coefficients zero.</summary>
    const double LeastShare = 1e-9;

    /// <summary>
    /// The importance of each variable: between 1 and 2 for those that are chosen, by the magnitude of their coefficients; below 1 for the
    /// others, by their coefficients at the last λ that chose too many.
    /// </summary>
    /// <param name="gram">G = ZᵀZ, scaled so that a coefficient's magnitude tells what it costs.</param>
    /// <param name="right">q = Zᵀy.</param>
    /// <param name="keep">How many to choose, at least one.</param>
    public static double[] Importance(Matrix gram, double[] right, int keep)
    {
        var (few, many) = Path(gram, right, keep);
        var (greatestFew, greatestMany) = (Greatest(few), Greatest(many));
        return [.. few.Zip(many, (chosen, other) => chosen != 0 ? 1 + (Math.Abs(chosen) / greatestFew) : Math.Abs(other) / greatestMany / 2)];
    }

    /// <summary>The solution for about the least λ with no more coefficients than wanted, and that for the greatest λ below with more.</summary>
    static (double[] Few, double[] Many) Path(Matrix gram, double[] right, int keep)
    {
        var high = Greatest(right);
        var low = high * LeastShare;
        // From zero, the first of several equal variables stands for all of them; they would share the coefficient from elsewhere.
        var many = Lasso.Solve(gram, right, low, new double[right.Length]);
        if (Count(many) <= keep)
            return (many, many);
        var few = new double[right.Length];
        for (var step = 0; step < MostSteps && Count(few) != keep; step++)
        {
            var lambda = Math.Sqrt(low * high);
            var beta = Lasso.Solve(gram, right, lambda, many);
            if (Count(beta) <= keep)
                (few, high) = (beta, lambda);
            else
                (many, low) = (beta, lambda);
        }

        return (few, many);
    }

    static int Count(double[] beta) => beta.Count(value => value != 0);

    static double Greatest(double[] values) => values.Max(Math.Abs) is > 0 and var greatest ? greatest : 1;
}
