namespace Compress.Evaluation;

/// <summary>How many samples make an interval narrow enough for a gate.</summary>
public static class SampleSize
{
    /// <summary>
    /// The least number of samples with which the interval of <see cref="PairedOutcomes"/> ends within a limit, if the samples
    /// are answered as expected. It is a little more than z² (q − d²) / (m − d)², where m is the limit, d the drop and q the
    /// share of samples that only one of the two models has right.
    /// </summary>
    /// <param name="maxDrop">The gate's limit, as a fraction.</param>
    /// <param name="drop">The true drop, as a fraction; below <paramref name="maxDrop"/>.</param>
    /// <param name="changed">The share of samples that only one of the two models has right, in [|drop|, 1].</param>
    /// <param name="level">The confidence level, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The drop is not below the limit: no number of samples would do.</exception>
    public static long ForDrop(double maxDrop, double drop, double changed, double level)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(drop, maxDrop);
        double Worse(double samples) =>
            PairedOutcomes.AdjustedWald(samples, samples * (changed + drop) / 2, samples * (changed - drop) / 2, level).High;

        long enough = 1;
        while (Worse(enough) > maxDrop)
            enough *= 2;
        var few = enough / 2;
        while (enough - few > 1)
        {
            var middle = few + (enough - few) / 2;
            if (Worse(middle) > maxDrop)
                few = middle;
            else
                enough = middle;
        }

        return enough;
    }

    /// <summary>The samples after which an interval, whose width shrinks as 1/√n, reaches no further than to a limit.</summary>
    /// <param name="samples">The samples that were measured.</param>
    /// <param name="reach">From the value to the interval's worse end with these samples.</param>
    /// <param name="room">From the value to the limit; positive.</param>
    public static long ForReach(int samples, double reach, double room) =>
        (long)Math.Min(long.MaxValue, Math.Ceiling(samples * (reach / room) * (reach / room)));
}
