using Compress.Diagnostics;
using Spectre.Console;

namespace Compress.Tool.Output;

/// <summary>The few styles that output has; every one of them also reads well without colour.</summary>
static class Tone
{
    public static readonly Style Plain = Style.Plain;
    public static readonly Style Dim = new(decoration: Decoration.Dim);
    public static readonly Style Title = new(decoration: Decoration.Bold);
    public static readonly Style Good = new(Color.Green);
    public static readonly Style Bad = new(Color.Red);
    public static readonly Style Doubtful = new(Color.Yellow);

    public static Style Of(Severity severity) => severity == Severity.Error ? Bad : Doubtful;
}
