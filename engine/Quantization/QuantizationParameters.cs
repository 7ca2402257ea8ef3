namespace Compress.Quantization;

/// <summary>
/// Affine quantization of a tensor: q = clip(round(x / scale) + zeroPoint), rounding half to even; x ≈ scale · (q − zeroPoint)
/// (Jacob et al., CVPR 2018).
/// </summary>
/// <param name="Scale">Greater than zero.</param>
/// <param name="ZeroPoint">The integer that stands for 0: 0..255 for uint8, 0..65535 for uint16, 0 for symmetric ranges.</param>
/// <param name="IsSigned">int8 in place of uint8, or int16 in place of uint16.</param>
/// <param name="Bits">8 or 16.</param>
public sealed record QuantizationParameters(float Scale, int ZeroPoint, bool IsSigned, int Bits = 8)
{
    /// <summary>The least number that an integer can stand for.</summary>
    public float Low => (IsSigned ? -Greatest(true, Bits) - 1 - ZeroPoint : -ZeroPoint) * Scale;

    /// <summary>The greatest number that an integer can stand for.</summary>
    public float High => (Greatest(IsSigned, Bits) - ZeroPoint) * Scale;

    /// <summary>Unsigned integers over a range, which is widened to hold 0. A range without width gets scale 1.</summary>
    public static QuantizationParameters Asymmetric(float low, float high, int bits = 8)
    {
        var (least, greatest) = (Math.Min(0.0, low), Math.Max(0.0, high));
        var scale = (float)((greatest - least) / Greatest(false, bits));
        if (!float.IsNormal(scale))
            return new QuantizationParameters(1, 0, false, bits);
        var zeroPoint = (int)Math.Clamp(Math.Round(-least / scale, MidpointRounding.ToEven), 0, Greatest(false, bits));
        return new QuantizationParameters(scale, zeroPoint, false, bits);
    }

    /// <summary>Signed integers over [−m, m] with m the greatest magnitude; the least integer is not used.</summary>
    public static QuantizationParameters Symmetric(float low, float high, int bits = 8)
    {
        var scale = (float)(Math.Max(Math.Abs((double)low), Math.Abs((double)high)) / Greatest(true, bits));
        return new QuantizationParameters(float.IsNormal(scale) ? scale : 1, 0, true, bits);
    }

    static int Greatest(bool isSigned, int bits) => (1 << (isSigned ? bits - 1 : bits)) - 1;
}
