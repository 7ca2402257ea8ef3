namespace Compress.Quantization;

/// <summary>
/// The range [max(low, −T), min(high, T)] whose quantized values are distributed most like the float ones: T minimises the
/// Kullback-Leibler divergence Σ p·ln(p/q), as in TensorRT (Migacz, "8-bit inference with TensorRT", GTC 2017). p are the bins within the range,
/// with what is clipped added to those at the ends; q spreads the count of each of the integers evenly over those of its bins that are not empty. Zeros,
/// which are exact in any quantization, are a bin of their own: the many behind a Relu would else decide alone.
/// </summary>
/// <param name="isSymmetric">Whether the integers stand for [−m, m], m = max(|low|, |high|), and not for [low, high].</param>
public sealed class EntropyObserver(bool isSymmetric = false) : IRangeObserver
{
    /// <summary>Ranges tried, from that of all values down.</summary>
    const int Candidates = 128;

    readonly Histogram histogram = new();

    public (float Low, float High) Range
    {
        get
        {
            var (least, greatest) = histogram.Extremes;
            if (!histogram.IsUsable || least == greatest)
                return (least, greatest);
            // Bins on one side that hold the greatest magnitude.
            var most = (int)Math.Min(Histogram.BinsPerSide, Math.Floor(Math.Max(Math.Abs((double)least), Math.Abs((double)greatest)) / histogram.Width) + 1);
            var stride = Math.Max(1, most / Candidates);
            var (best, bins) = (double.PositiveInfinity, most);
            for (var candidate = most; candidate >= Math.Min(most, byte.MaxValue + 1); candidate -= stride)
            {
                // Where two ranges are as good, the wider one clips less.
                if (Divergence(candidate) is var divergence && divergence < best)
                    (best, bins) = (divergence, candidate);
            }

            var threshold = bins == most ? float.PositiveInfinity : (float)(bins * histogram.Width);
            return (Math.Max(least, -threshold), Math.Min(greatest, threshold));
        }
    }

    public void Observe(ReadOnlySpan<float> values) => histogram.Add(values);

    /// <param name="threshold">T, in bins.</param>
    double Divergence(int threshold)
    {
        var (least, greatest) = histogram.Extremes;
        var first = Math.Max((int)Math.Floor(Math.Min(0, least) / histogram.Width), -threshold);
        var last = Math.Min((int)Math.Floor(Math.Max(0, greatest) / histogram.Width), threshold - 1);
        long below = 0, above = 0;
        for (var bin = -Histogram.BinsPerSide; bin < first; bin++)
            below += histogram[bin];
        for (var bin = last + 1; bin < Histogram.BinsPerSide; bin++)
            above += histogram[bin];

        var inside = histogram.Total - below - above;
        if (inside == 0)
            return double.PositiveInfinity;
        // An integer stands for so many bins.
        var step = isSymmetric ? (double)Math.Max(-first, last + 1) / sbyte.MaxValue : (double)(last + 1 - first) / byte.MaxValue;
        var divergence = histogram.Zeros == 0 ? 0 : Term(histogram.Zeros, histogram.Zeros, inside);
        for (var start = first; start <= last;)
        {
            var level = Math.Round(start / step);
            var (end, count, filled) = (start, 0L, 0);
            for (; end <= last && Math.Round(end / step) == level; end++)
            {
                var values = histogram.NonZeros(end);
                count += values;
                filled += values > 0 ? 1 : 0;
            }

            for (var bin = start; bin < end; bin++)
            {
                var clipped = (bin == first ? below : 0) + (bin == last ? above : 0);
                if (histogram.NonZeros(bin) + clipped is > 0 and var p)
                    divergence += histogram.NonZeros(bin) > 0 ? Term(p, (double)count / filled, inside) : double.PositiveInfinity;
            }

            start = end;
        }

        return divergence;
    }

    /// <summary>p·ln(p/q) of one bin, both divided by their sums.</summary>
    double Term(double p, double q, double sumOfQ) => p / histogram.Total * Math.Log(p / histogram.Total / (q / sumOfQ));
}
