using Compress.Diagnostics;

namespace Compress.Reporting;

/// <summary>A diagnostic with its position flattened; line and column are null where it is about the file as a whole.</summary>
sealed record DiagnosticEntry(string Code, string Severity, string Message, string? File, int? Line, int? Column)
{
    const string Error = "error";
    const string Warning = "warning";

    public static DiagnosticEntry Of(Diagnostic diagnostic)
    {
        var position = diagnostic.Position;
        var hasLine = position is { Line: > 0 };
        return new DiagnosticEntry(diagnostic.Code, diagnostic.Severity == Diagnostics.Severity.Error ? Error : Warning,
            diagnostic.Message, position?.File, hasLine ? position!.Line : null, hasLine ? position!.Column : null);
    }

    public Diagnostic ToDiagnostic() => new(Code, Severity == Error ? Diagnostics.Severity.Error : Diagnostics.Severity.Warning,
        Message, File is null ? null : new SourcePosition(File, Line ?? 0, Column ?? 0));
}
