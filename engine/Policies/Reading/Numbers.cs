using System.Globalization;

namespace Compress.Policies.Reading;

/// <summary>Numbers as policies write them: <c>0.4</c>, <c>40%</c>, <c>2/5</c>.</summary>
static class Numbers
{
    const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;

    /// <summary>The value; null where the scalar is no finite number. In quotes, a percentage or a fraction still is one.</summary>
    public static double? Parse(YamlScalar scalar)
    {
        var text = scalar.Text.AsSpan();
        if (text is [.. var percent, '%'])
            return Parse(percent, Decimal) / 100;
        if (text.IndexOf('/') is > 0 and var slash)
            return Finite(Parse(text[..slash], Decimal) / Parse(text[(slash + 1)..], NumberStyles.AllowDecimalPoint));
        return scalar.IsPlain ? Parse(text, Decimal | NumberStyles.AllowExponent) : null;
    }

    /// <summary>The value of a number without decimals; null where it is none.</summary>
    public static long? ParseInteger(YamlScalar scalar) =>
        scalar.IsPlain && Parse(scalar.Text, Decimal | NumberStyles.AllowExponent) is { } value && double.IsInteger(value)
            && Math.Abs(value) <= 1L << 53 ? (long)value : null;

    /// <summary>The value of digits without a sign; null where there is anything else.</summary>
    public static int? ParseDigits(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    static double? Parse(ReadOnlySpan<char> text, NumberStyles style) =>
        double.TryParse(text, style, CultureInfo.InvariantCulture, out var value) ? Finite(value) : null;

    static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
