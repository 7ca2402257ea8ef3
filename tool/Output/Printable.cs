namespace Compress.Tool.Output;

/// <summary>Keeps text from files, such as names of layers, from steering the terminal.</summary>
static class Printable
{
    /// <summary>The text as one line: line breaks become spaces, other control characters question marks.</summary>
    public static string Line(string text) =>
        string.Concat(text.ReplaceLineEndings(" ").Select(character => character == '\t' ? ' ' : char.IsControl(character) ? '?' : character));
}
