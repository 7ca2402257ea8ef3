namespace Compress.Evaluation;

/// <summary>How many samples make an interval narrow enough for a gate.</summary>
public static class SampleSize
{
    /// <summary>
    /// The samples after which the worse end of the interval of <see cref="PairedOutcomes"/> is expected within a limit:
    /// the least n with n ≥ z² (c − d²) / (m − d)², where m is the limit, d the drop and c the share of samples that only
    /// one of the two models has right.
    /// </summary>
    /// <param name="maxDrop">The gate's limit, as a fraction.</param>
    /// <param name="drop">The true drop, as a fraction; below <paramref name="maxDrop"/>.</param>
    /// <param name="changed">The share of samples that only one of the two models has right, in [|drop|, 1].</param>
    /// <param name="level">The confidence level, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The drop is not below the limit: no number of samples would do.</exception>
    public static long ForDrop(double maxDrop, double drop, double changed, double level)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(drop, maxDrop);
        var z = NormalQuantile.TwoSided(level);
        return Whole(z * z * (changed - drop * drop) / ((maxDrop - drop) * (maxDrop - drop)));
    }

    /// <summary>The samples after which an interval, whose width shrinks as 1/√n, reaches no further than to a limit.</summary>
    /// <param name="samples">The samples that were measured.</param>
    /// <param name="reach">From the value to the interval's worse end with these samples.</param>
    /// <param name="room">From the value to the limit; positive.</param>
    public static long ForReach(int samples, double reach, double room) => Whole(samples * (reach / room) * (reach / room));

    static long Whole(double samples) => samples >= long.MaxValue ? long.MaxValue : Math.Max(1, (long)Math.Ceiling(samples - 1e-9));
}
