
namespace Compress.Evaluation;

/// <summary>The mean over samples of a number that each sample has, gathered one by one in constant memory.</summary>
/// <param name="perfect">The value that a perfect copy of the original has; the drop is the distance from it.</param>
/// <param name="least">The least value that can be.</param>
/// <param name="greatest">The greatest value that can be.</param>
public sealed class SampleMean(double perfect, double least, double greatest) : Measurement
{
    int count;
    double mean;
    double squares;

    public override int Samples => count;

    public override double After => mean;

    public override double Drop => Math.Abs(perfect - mean);

    /// <summary>Counts one sample in, by B. P. Welford's update (Technometrics 4, 1962), which does not cancel.</summary>
    public void Add(double value)
    {
        count++;
        var difference = value - mean;
        mean += difference / count;
        squares += difference * (value - mean);
    }

    /// <summary>
    /// The normal interval of a mean: x̄ ± z s / √n with s² = Σ(x − x̄)² / (n − 1), cut to the values that can be.
    /// Null for a single sample, which says nothing about the spread.
    /// </summary>
    public override Interval? ValueInterval(double level)
    {
        if (count < 2)
            return null;
        var reach = NormalQuantile.TwoSided(level) * Math.Sqrt(squares / (count - 1) / count);
        return new Interval(Math.Max(least, mean - reach), Math.Min(greatest, mean + reach), level);
    }

    /// <summary>The interval of the value, seen from the perfect copy, which is one of the two ends of what can be.</summary>
    public override Interval? DropInterval(double level) => ValueInterval(level) is not { } value ? null
        : perfect > least ? new Interval(perfect - value.High, perfect - value.Low, level)
        : new Interval(value.Low - perfect, value.High - perfect, level);
}
