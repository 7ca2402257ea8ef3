namespace Compress.Diagnostics;

/// <summary>An entry of the catalogue: a code, its usual severity and a title for the docs.</summary>
public sealed record DiagnosticKind(string Code, Severity Severity, string Title)
{
    /// <summary>A diagnostic of this kind. The message holds the offending value and what would be legal.</summary>
    public Diagnostic At(SourcePosition? position, string message) => new(Code, Severity, message, position);

    /// <summary>The exception that ends the run with a diagnostic of this kind.</summary>
    public CompressException Fail(SourcePosition? position, string message) => new(At(position, message));

    /// <summary>The exception that ends the run with a diagnostic about a file as a whole.</summary>
    public CompressException Fail(string file, string message) => new(At(new SourcePosition(file), message));
}
