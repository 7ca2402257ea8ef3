namespace Compress.Models;

/// <summary>The upper half of a float32: its sign, its 8 bits of exponent and the first 7 of its fraction.</summary>
/// <param name="Bits">As they are stored.</param>
public readonly record struct BFloat16(ushort Bits)
{
    /// <summary>The greatest finite value, (2 − 2⁻⁷) · 2¹²⁷.</summary>
    public static BFloat16 MaxValue => new(0x7F7F);

    /// <summary>The nearest value, of two as near the one whose last bit is 0; what lies beyond the range becomes infinite.</summary>
    public static explicit operator BFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
            return new BFloat16((ushort)((bits >> 16) | 0x40));
        // Half of a last place, less one bit where the last place is 0, carries exactly when the value is to be rounded up.
        return new BFloat16((ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    public static implicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.Bits << 16);
}
