namespace Compress.Reporting;

/// <summary>What <c>check --format json</c> prints, field by field in the order of the document.</summary>
sealed record PolicyCheckDocument(
    int Schema, IReadOnlyList<CheckedRule> Rules, IReadOnlyList<CheckedLayer> Layers, IReadOnlyList<DiagnosticEntry> Diagnostics,
    IReadOnlyList<string> InputFiles)
{
    public static PolicyCheckDocument Of(PolicyCheck check) =>
        new(1, check.Rules, check.Layers, [.. check.Diagnostics.Select(DiagnosticEntry.Of)], check.InputFiles);
}
