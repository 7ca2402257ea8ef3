namespace Compress.Diagnostics;

/// <summary>How a diagnostic counts: a warning is reported, an error ends the run.</summary>
public enum Severity
{
    Warning,
    Error,
}

/// <summary>A place in a file. Lines and columns start at 1; line 0 means the file as a whole.</summary>
public sealed record SourcePosition(string File, int Line = 0, int Column = 0)
{
    /// <summary>The position in MSBuild's canonical form: <c>file(line,column)</c>, or the file alone.</summary>
    public override string ToString() => Line == 0 ? File : $"{File}({Line},{Column})";
}

/// <summary>One message to the user: what is wrong, where, and what would be right.</summary>
public sealed record Diagnostic(string Code, Severity Severity, string Message, SourcePosition? Position = null)
{
    /// <summary>MSBuild's canonical form, which IDEs turn into a link: <c>file(line,column): error CODE: text</c>.</summary>
    public override string ToString() =>
        $"{Position?.ToString() ?? "compress"}: {(Severity == Severity.Error ? "error" : "warning")} {Code}: {Message}";
}
