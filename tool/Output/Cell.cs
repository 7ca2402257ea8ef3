using Spectre.Console;

namespace Compress.Tool.Output;

/// <summary>What stands in one place of a table: lines below each other in a terminal, joined to one line in plain text.</summary>
/// <param name="Lines">The lines.</param>
/// <param name="Joint">What joins them in plain text.</param>
/// <param name="Style">How a terminal shows them.</param>
sealed record Cell(IReadOnlyList<string> Lines, string Joint, Style Style)
{
    /// <summary>Stands for a value that is not known or does not exist.</summary>
    public const string Nothing = "-";

    public static implicit operator Cell(string text) => Of(text, Tone.Plain);

    public static Cell Of(string text, Style style) => new([Printable.Line(text)], "", style);

    public static Cell Steps(IEnumerable<string> lines) => new([.. lines.Select(Printable.Line)], ", ", Tone.Plain);

    /// <summary>Both values; only one where they are the same.</summary>
    public static Cell Change(string before, string after) =>
        before == after ? before : new Cell([Printable.Line(before), Printable.Line($"-> {after}")], " ", Tone.Plain);

    public override string ToString() => string.Join(Joint, Lines);
}
