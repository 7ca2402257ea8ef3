namespace Compress.Quantization;

/// <summary>
/// Counts values in a fixed number of bins. Bins have a power of two as width and start at multiples of it; when a value falls outside,
/// neighbours are merged until it fits. Memory does not grow with the values, and the counts are the same however these are batched.
/// </summary>
sealed class Histogram
{
    /// <summary>Bins on either side of zero; the greatest magnitude seen lies in the upper half of them.</summary>
    public const int BinsPerSide = 1 << 12;

    const int SmallestExponent = -100;

    readonly MinMaxObserver extremes = new();
    readonly long[] counts = new long[2 * BinsPerSide];
    int exponent = SmallestExponent;

    /// <summary>The least and the greatest value; not finite where a value was not.</summary>
    public (float Low, float High) Extremes => extremes.Range;

    public long Total { get; private set; }

    /// <summary>Whether there is a distribution to look at.</summary>
    public bool IsUsable => Total > 0 && float.IsFinite(Extremes.Low) && float.IsFinite(Extremes.High);

    /// <summary>Values that are 0, which any quantizer gives back as they are. They are counted in bin 0 as well.</summary>
    public long Zeros { get; private set; }

    /// <summary>The width of a bin.</summary>
    public double Width => Math.ScaleB(1, exponent);

    /// <summary>The values in [bin · width, (bin + 1) · width).</summary>
    /// <param name="bin">From −<see cref="BinsPerSide"/> up to <see cref="BinsPerSide"/> − 1.</param>
    public long this[int bin] => counts[bin + BinsPerSide];

    /// <summary>The values of a bin that are not 0.</summary>
    public long NonZeros(int bin) => bin == 0 ? this[0] - Zeros : this[bin];

    public void Add(ReadOnlySpan<float> values)
    {
        extremes.Observe(values);
        var (least, greatest) = Extremes;
        if (!float.IsFinite(least) || !float.IsFinite(greatest))
            return;
        while (Math.Floor(greatest / Width) >= BinsPerSide || Math.Floor(least / Width) < -BinsPerSide)
            Widen();
        var inverse = 1 / Width;
        var zeros = 0L;
        foreach (var value in values)
        {
            if (value == 0)
                zeros++;
            else
                counts[(int)Math.Floor(value * inverse) + BinsPerSide]++;
        }

        counts[BinsPerSide] += zeros;
        Zeros += zeros;
        Total += values.Length;
    }

    /// <summary>Doubles the width: bins 2k and 2k + 1, counted from zero's edge, become bin k.</summary>
    void Widen()
    {
        exponent++;
        if (Total == 0)
            return;
        var merged = new long[counts.Length];
        for (var bin = 0; bin < counts.Length; bin++)
            merged[((bin - BinsPerSide) >> 1) + BinsPerSide] += counts[bin];
        merged.CopyTo(counts, 0);
    }
}
