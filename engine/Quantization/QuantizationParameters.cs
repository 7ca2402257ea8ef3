namespace Compress.Quantization;

/// <summary>
/// Affine quantization of a tensor: q = clip(round(x / scale) + zeroPoint), rounding half to even; x ≈ scale · (q − zeroPoint)
/// (Jacob et al., CVPR 2018).
/// </summary>
/// <param name="Scale">Greater than zero.</param>
/// <param name="ZeroPoint">The integer that stands for 0: 0..255 for uint8, 0 for symmetric int8.</param>
/// <param name="IsSigned">int8 in place of uint8.</param>
public sealed record QuantizationParameters(float Scale, int ZeroPoint, bool IsSigned)
{
    /// <summary>uint8 over a range, which is widened to hold 0. A range without width gets scale 1.</summary>
    public static QuantizationParameters Asymmetric(float low, float high)
    {
        var (least, greatest) = (Math.Min(0.0, low), Math.Max(0.0, high));
        var scale = (float)((greatest - least) / byte.MaxValue);
        if (!float.IsNormal(scale))
            return new QuantizationParameters(1, 0, false);
        var zeroPoint = (int)Math.Clamp(Math.Round(-least / scale, MidpointRounding.ToEven), byte.MinValue, byte.MaxValue);
        return new QuantizationParameters(scale, zeroPoint, false);
    }

    /// <summary>int8 over [−m, m] with m the greatest magnitude; −128 is not used.</summary>
    public static QuantizationParameters Symmetric(float low, float high)
    {
        var scale = (float)(Math.Max(Math.Abs((double)low), Math.Abs((double)high)) / sbyte.MaxValue);
        return new QuantizationParameters(float.IsNormal(scale) ? scale : 1, 0, true);
    }
}
