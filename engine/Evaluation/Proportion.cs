
namespace Compress.Evaluation;

/// <summary>A share of samples, such as those on which both models agree. Its drop is the share that is missing to 1.</summary>
/// <param name="hits">Samples that count.</param>
/// <param name="samples">All samples; at least 1.</param>
public sealed class Proportion(int hits, int samples) : Measurement
{
    public override int Samples => samples;

    public override double After => (double)hits / samples;

    public override double Drop => (double)(samples - hits) / samples;

    /// <summary>
    /// Wilson's score interval (E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    /// J. Am. Stat. Assoc. 22, 1927): (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n).
    /// It stays within [0, 1] and keeps its promise near 0 and 1, where agreement usually is.
    /// </summary>
    public override Interval ValueInterval(double level)
    {
        double z = NormalQuantile.TwoSided(level), n = samples, p = After;
        var centre = p + z * z / (2 * n);
        var reach = z * Math.Sqrt(p * (1 - p) / n + z * z / (4 * n * n));
        var scale = 1 + z * z / n;
        return new Interval(Math.Max(0, (centre - reach) / scale), Math.Min(1, (centre + reach) / scale), level);
    }

    public override Interval DropInterval(double level)
    {
        var value = ValueInterval(level);
        return new Interval(1 - value.High, 1 - value.Low, level);
    }
}
