using System.Globalization;

namespace Compress.Tool.Output;

/// <summary>Numbers as people read them: three significant digits, in decimal units.</summary>
static class Human
{
    static readonly HashSet<string> Shares = ["top1", "top5", "agreement"];

    public static string Bytes(long bytes) => bytes < 1000 ? $"{bytes} B" : Scaled(bytes, ["B", "KB", "MB", "GB", "TB"], " ");

    public static string Count(long? count) => count switch
    {
        null => Cell.Nothing,
        < 1000 => $"{count}",
        _ => Scaled(count.Value, ["", "k", "M", "G", "T"], ""),
    };

    public static string Percent(double? share) => share is { } value ? Significant(value * 100) + "%" : Cell.Nothing;

    /// <summary>How a value changed, e.g. <c>-75.0%</c>.</summary>
    public static string Change(long? before, long? after)
    {
        if (before is not > 0 || after is null)
            return Cell.Nothing;
        var change = (double)after.Value / before.Value - 1;
        return change == 0 ? "0%" : $"{(change > 0 ? "+" : "")}{Percent(change)}";
    }

    /// <summary>A metric's value: shares of the samples in percent to two places, others as they are.</summary>
    public static string Metric(string name, double? value) => value switch
    {
        null => Cell.Nothing,
        _ when Shares.Contains(name) => (value.Value * 100).ToString("F2", CultureInfo.InvariantCulture) + "%",
        _ => value.Value.ToString("G4", CultureInfo.InvariantCulture),
    };

    public static string Milliseconds(double? value) => value is { } known ? Significant(known) + " ms" : Cell.Nothing;

    public static string Seconds(double value) => Significant(value) + " s";

    public static string Plural(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";

    static string Scaled(double value, string[] units, string space)
    {
        var unit = 0;
        // 999.5 is where three digits would become 1000.
        while (Math.Abs(value) >= 999.5 && unit < units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return Significant(value) + space + units[unit];
    }

    static string Significant(double value)
    {
        if (value == 0 || !double.IsFinite(value))
            return value.ToString(CultureInfo.InvariantCulture);
        var rounded = double.Parse(value.ToString("E2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var places = Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(rounded))), 0, 6);
        var text = rounded.ToString("F" + places, CultureInfo.InvariantCulture);
        return text is "100" or "-100" ? text : places >= 6 ? value.ToString("G3", CultureInfo.InvariantCulture) : text;
    }
}
