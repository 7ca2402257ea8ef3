namespace Compress.Quantization;

/// <summary>The range that holds a given share of the values, by a <see cref="Histogram"/>.</summary>
/// <param name="percent">The share of values to keep, in (0, 100]; half of the rest is cut at each end that has values of its sign.</param>
public sealed class PercentileObserver(double percent) : IRangeObserver
{
    readonly Histogram histogram = new();

    public (float Low, float High) Range
    {
        get
        {
            var (least, greatest) = histogram.Extremes;
            if (!histogram.IsUsable)
                return (least, greatest);
            // One-sided values, as behind a Relu, are cut at one end only: the other end is exact.
            var ends = least < 0 && greatest > 0 ? 2 : 1;
            var cut = histogram.Total * (1 - (percent / 100)) / ends;
            return (least < 0 ? Math.Max(least, LowEdge(cut)) : least, greatest > 0 ? Math.Min(greatest, HighEdge(cut)) : greatest);
        }
    }

    public void Observe(ReadOnlySpan<float> values) => histogram.Add(values);

    float LowEdge(double cut)
    {
        var below = 0L;
        for (var bin = -Histogram.BinsPerSide; bin < Histogram.BinsPerSide; bin++)
        {
            below += histogram[bin];
            if (below > cut)
                return (float)(bin * histogram.Width);
        }

        return 0;
    }

    float HighEdge(double cut)
    {
        var above = 0L;
        for (var bin = Histogram.BinsPerSide - 1; bin >= -Histogram.BinsPerSide; bin--)
        {
            above += histogram[bin];
            if (above > cut)
                return (float)((bin + 1) * histogram.Width);
        }

        return 0;
    }
}
