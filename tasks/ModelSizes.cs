using System.Globalization;
using System.Text.RegularExpressions;

namespace Compress.MSBuild;

/// <summary>Sizes before and after, as one readable phrase.</summary>
internal static class ModelSizes
{
    const string JsonText = "\"(?:[^\"\\\\]|\\\\.)*\"";

    /// <summary>Takes the sizes from report.json, and from the files where there is no report.</summary>
    public static string Describe(string reportPath, string modelPath, string outputPath)
    {
        var report = File.Exists(reportPath) ? File.ReadAllText(reportPath) : "";
        var before = Bytes(report, "before") ?? new FileInfo(modelPath).Length;
        var after = Bytes(report, "after") ?? new FileInfo(outputPath).Length;
        var share = before == 0 ? "" : string.Format(CultureInfo.InvariantCulture, " ({0:0.#}%)", 100.0 * after / before);
        return $"{Readable(before)} -> {Readable(after)}{share}";
    }

    // A model's summary is a flat object, so that it can be found without a JSON library, which a task had better not carry.
    static long? Bytes(string report, string section)
    {
        var match = Regex.Match(report, $"\"{section}\"\\s*:\\s*{{(?:[^\"{{}}]|{JsonText})*?\"bytes\"\\s*:\\s*(\\d{{1,18}})", RegexOptions.CultureInvariant);
        return match.Success ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;
    }

    static string Readable(long bytes) => bytes switch
    {
        < 1_000 => FormattableString.Invariant($"{bytes} B"),
        < 1_000_000 => FormattableString.Invariant($"{bytes / 1e3:0.0} kB"),
        < 1_000_000_000 => FormattableString.Invariant($"{bytes / 1e6:0.00} MB"),
        _ => FormattableString.Invariant($"{bytes / 1e9:0.00} GB"),
    };
}
