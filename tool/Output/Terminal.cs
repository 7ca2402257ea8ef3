using Compress.Diagnostics;
using Spectre.Console;

namespace Compress.Tool.Output;

/// <summary>The two streams of a command: what was asked for, and what is said meanwhile.</summary>
/// <param name="Results">Standard output.</param>
/// <param name="Messages">Standard error.</param>
sealed record Terminal(IAnsiConsole Results, IAnsiConsole Messages)
{
    /// <summary>Writes diagnostics in MSBuild's form, one a line and never wrapped, so that builds and IDEs can read them.</summary>
    public void Tell(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
            Say(Printable.Line(diagnostic.ToString()), Tone.Of(diagnostic.Severity));
    }

    /// <summary>Writes a line to standard error. Where that is closed there is nobody to tell.</summary>
    public void Say(string text, Style? style = null)
    {
        try
        {
            if (style is { } known && Messages.Profile.Capabilities.Ansi)
                Messages.Write(new WholeLine(text, known));
            else
                Messages.Profile.Out.Writer.WriteLine(text);
            Messages.Profile.Out.Writer.Flush();
        }
        catch (IOException)
        {
        }
    }
}
