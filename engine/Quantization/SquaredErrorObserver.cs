namespace Compress.Quantization;

/// <summary>
/// The range with which quantization changes the values least, Σ (x − x̂)² over all of them: what a narrower range loses by clipping, it gains by
/// finer steps. The end that lies further from zero is found first, then the other one with it.
/// </summary>
/// <param name="isSymmetric">Whether the integers stand for [−m, m], m = max(|low|, |high|), and not for [low, high].</param>
public sealed class SquaredErrorObserver(bool isSymmetric = false) : IRangeObserver
{
    /// <summary>Ends tried for each side, evenly spaced from the greatest value to nearly zero.</summary>
    const int Candidates = 100;

    readonly Histogram histogram = new();

    public (float Low, float High) Range
    {
        get
        {
            var (low, high) = histogram.Extremes;
            if (!histogram.IsUsable)
                return (low, high);
            var (least, greatest) = (low, high);
            if (isSymmetric)
            {
                var share = Best(share => Error(least * share, greatest * share));
                return (least * share, greatest * share);
            }

            var isHighFirst = greatest >= -least;
            foreach (var isHigh in (bool[])[isHighFirst, !isHighFirst])
            {
                if (isHigh && greatest > 0)
                    high = greatest * Best(share => Error(low, greatest * share));
                else if (!isHigh && least < 0)
                    low = least * Best(share => Error(least * share, high));
            }

            return (low, high);
        }
    }

    public void Observe(ReadOnlySpan<float> values) => histogram.Add(values);

    static float Best(Func<float, double> errorOf)
    {
        var (best, found) = (double.PositiveInfinity, 1f);
        for (var candidate = Candidates; candidate > 0; candidate--)
        {
            var share = (float)candidate / Candidates;
            if (errorOf(share) is var error && error < best)
                (best, found) = (error, share);
        }

        return found;
    }

    double Error(float low, float high)
    {
        var parameters = isSymmetric ? QuantizationParameters.Symmetric(low, high) : QuantizationParameters.Asymmetric(low, high);
        var (scale, zeroPoint) = ((double)parameters.Scale, parameters.ZeroPoint);
        var (fewest, most) = isSymmetric ? (-sbyte.MaxValue, sbyte.MaxValue) : (byte.MinValue - zeroPoint, byte.MaxValue - zeroPoint);
        var (least, greatest) = histogram.Extremes;
        var (first, last) = ((int)Math.Floor(Math.Min(0, least) / histogram.Width), (int)Math.Floor(Math.Max(0, greatest) / histogram.Width));
        var error = 0.0;
        for (var bin = first; bin <= last; bin++)
        {
            var count = histogram.NonZeros(bin);
            if (count == 0)
                continue;
            var value = (bin + 0.5) * histogram.Width;
            var difference = value - (Math.Clamp(Math.Round(value / scale), fewest, most) * scale);
            error += count * difference * difference;
        }

        return error;
    }
}
