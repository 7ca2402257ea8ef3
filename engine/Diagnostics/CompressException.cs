namespace Compress.Diagnostics;

/// <summary>
/// Ends a run because of the user's input or environment. It carries what the user is told and is caught once,
/// by the façade; a bug never travels as this exception.
/// </summary>
public sealed class CompressException(IReadOnlyList<Diagnostic> diagnostics)
    : Exception(string.Join(Environment.NewLine, diagnostics))
{
    public CompressException(Diagnostic diagnostic)
        : this([diagnostic])
    {
    }

    /// <summary>At least one diagnostic; at least one of them an error.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; } = diagnostics;
}
