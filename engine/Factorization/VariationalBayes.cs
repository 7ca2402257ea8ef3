namespace Compress.Factorization;

/// <summary>
/// The rank of a matrix that is a product of low rank with noise added: the global solution of empirical variational Bayesian matrix
/// factorization, which is analytic but for the noise's variance (Nakajima, Sugiyama, Babacan and Tomioka, JMLR 14, 2013).
/// </summary>
static class VariationalBayes
{
    const int Steps = 100;

    /// <summary>τ̲/√α at the threshold, for wide matrices (Nakajima et al., Section 4.3).</summary>
    const double ThresholdSlope = 2.5129;

    /// <param name="squaredSingularValues">All of them, from the greatest to the least: as many as the shorter side.</param>
    /// <param name="longer">M, the longer side.</param>
    /// <returns>At least 1.</returns>
    public static int Rank(ReadOnlySpan<double> squaredSingularValues, int longer)
    {
        var values = squaredSingularValues.ToArray();
        var shorter = values.Length;
        var total = values.Sum();
        if (total <= 0)
            return 1;
        var alpha = (double)shorter / longer;
        var tau = ThresholdSlope * Math.Sqrt(alpha);
        var bound = (1 + tau) * (1 + (alpha / tau));

        // The variance lies between the mean of the least values, which can only be noise, and the mean of all.
        var first = Math.Min(Math.Max(1, (int)Math.Ceiling(shorter / (1 + alpha)) - 1), shorter - 1);
        var upper = total / ((double)shorter * longer);
        var rest = values.AsSpan(first);
        var sum = 0.0;
        foreach (var value in rest)
            sum += value;
        var lower = Math.Max(values[first] / (longer * bound), sum / rest.Length / longer);
        lower = Math.Max(Math.Min(lower, upper), 1e-14 * upper);
        var variance = Minimize(Math.Log(lower), Math.Log(upper), log => FreeEnergy(values, longer, alpha, bound, Math.Exp(log)));
        var threshold = longer * Math.Exp(variance) * bound;
        return Math.Max(1, values.Count(value => value > threshold));
    }

    /// <summary>The part of the free energy that depends on the variance.</summary>
    static double FreeEnergy(double[] squared, int longer, double alpha, double bound, double variance)
    {
        var sum = 0.0;
        foreach (var value in squared)
        {
            var x = Math.Max(value / (longer * variance), 1e-300);
            if (x <= bound)
            {
                sum += x - Math.Log(x);
                continue;
            }

            var shifted = x - (1 + alpha);
            var tau = 0.5 * (shifted + Math.Sqrt(Math.Max(0, (shifted * shifted) - (4 * alpha))));
            sum += x - tau + Math.Log((tau + 1) / x) + (alpha * Math.Log((tau / alpha) + 1));
        }

        return sum;
    }

    /// <summary>The best point of a grid, refined by golden sections: the function may have more than one valley.</summary>
    static double Minimize(double from, double to, Func<double, double> function)
    {
        if (to - from < 1e-12)
            return from;
        var step = (to - from) / Steps;
        var best = Enumerable.Range(0, Steps + 1).MinBy(i => function(from + (i * step)));
        var (low, high) = (Math.Max(from, from + ((best - 1) * step)), Math.Min(to, from + ((best + 1) * step)));
        var ratio = (Math.Sqrt(5) - 1) / 2;
        for (var i = 0; i < Steps; i++)
        {
            var (left, right) = (high - (ratio * (high - low)), low + (ratio * (high - low)));
            if (function(left) < function(right))
                high = right;
            else
                low = left;
        }

        return (low + high) / 2;
    }
}
