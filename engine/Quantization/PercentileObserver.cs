namespace Compress.Quantization;

/// <summary>
/// The range that holds a given share of the values, by a histogram. Bins have a power of two as width and start at multiples of it;
/// when a value falls outside, neighbours are merged until it fits. The result is thus the same however the values are batched.
/// </summary>
public sealed class PercentileObserver : IRangeObserver
{
    const int Bins = 1 << 13;
    const int SmallestExponent = -100;

    readonly MinMaxObserver extremes = new();
    readonly double percent;
    readonly long[] counts = new long[Bins];
    int exponent = SmallestExponent;
    long total;

    /// <param name="percent">The share of values to keep, in (0, 100]; half of the rest is cut at each end that has values of its sign.</param>
    public PercentileObserver(double percent) => this.percent = percent;

    public (float Low, float High) Range
    {
        get
        {
            var (least, greatest) = extremes.Range;
            if (total == 0 || !float.IsFinite(least) || !float.IsFinite(greatest))
                return (least, greatest);
            // One-sided values, as behind a Relu, are cut at one end only: the other end is exact.
            var ends = least < 0 && greatest > 0 ? 2 : 1;
            var cut = total * (1 - (percent / 100)) / ends;
            return (least < 0 ? Math.Max(least, LowEdge(cut)) : least, greatest > 0 ? Math.Min(greatest, HighEdge(cut)) : greatest);
        }
    }

    double Width => Math.ScaleB(1, exponent);

    public void Observe(ReadOnlySpan<float> values)
    {
        extremes.Observe(values);
        var (least, greatest) = extremes.Range;
        if (!float.IsFinite(least) || !float.IsFinite(greatest))
            return;
        while (Math.Floor(greatest / Width) >= Bins / 2 || Math.Floor(least / Width) < -Bins / 2)
            Widen();
        var inverse = 1 / Width;
        foreach (var value in values)
            counts[(int)Math.Floor(value * inverse) + (Bins / 2)]++;
        total += values.Length;
    }

    /// <summary>Doubles the width: bins 2k and 2k + 1, counted from zero's edge, become bin k.</summary>
    void Widen()
    {
        exponent++;
        if (total == 0)
            return;
        var merged = new long[Bins];
        for (var bin = 0; bin < Bins; bin++)
            merged[((bin - (Bins / 2)) >> 1) + (Bins / 2)] += counts[bin];
        merged.CopyTo(counts, 0);
    }

    float LowEdge(double cut)
    {
        var below = 0L;
        for (var bin = 0; bin < Bins; bin++)
        {
            below += counts[bin];
            if (below > cut)
                return (float)((bin - (Bins / 2)) * Width);
        }

        return 0;
    }

    float HighEdge(double cut)
    {
        var above = 0L;
        for (var bin = Bins - 1; bin >= 0; bin--)
        {
            above += counts[bin];
            if (above > cut)
                return (float)((bin + 1 - (Bins / 2)) * Width);
        }

        return 0;
    }
}
