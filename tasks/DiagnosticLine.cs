using System.Globalization;
using System.Text.RegularExpressions;

namespace Compress.MSBuild;

/// <summary>A line in MSBuild's canonical form: <c>file(line,column): error CMP1003: text</c>.</summary>
internal sealed class DiagnosticLine
{
    static readonly Regex Canonical = new(
        @"^(?<origin>.+?)(\((?<line>\d{1,9})(,(?<column>\d{1,9}))?\))?\s*:\s+(?<severity>error|warning)\s+(?<code>CMP\d{4})\s*:\s*(?<text>.*)$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);

    DiagnosticLine(bool isError, string code, string text, string? file, int line, int column)
    {
        IsError = isError;
        Code = code;
        Text = text;
        File = file;
        Line = line;
        Column = column;
    }

    public bool IsError { get; }

    public string Code { get; }

    public string Text { get; }

    /// <summary>The absolute path; null where the diagnostic is about no file.</summary>
    public string? File { get; }

    /// <summary>Counted from 1; 0 means the file as a whole.</summary>
    public int Line { get; }

    /// <summary>Counted from 1; 0 means the line as a whole.</summary>
    public int Column { get; }

    /// <summary>Reads a line; null where it is no diagnostic.</summary>
    /// <param name="text">The line.</param>
    /// <param name="folder">What relative paths are relative to.</param>
    public static DiagnosticLine? Parse(string text, string folder)
    {
        var match = Canonical.Match(text);
        if (!match.Success)
            return null;
        var origin = match.Groups["origin"].Value.Trim();
        return new DiagnosticLine(
            match.Groups["severity"].Value == "error", match.Groups["code"].Value, match.Groups["text"].Value.Trim(),
            origin == "compress" ? null : Absolute(origin, folder), Number(match.Groups["line"]), Number(match.Groups["column"]));
    }

    static int Number(Group group) => group.Success ? int.Parse(group.Value, CultureInfo.InvariantCulture) : 0;

    static string Absolute(string path, string folder)
    {
        try
        {
            return Path.GetFullPath(Path.Combine(folder, path));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException or PathTooLongException)
        {
            return path;
        }
    }
}
