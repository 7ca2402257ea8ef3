namespace Compress.Reporting;

/// <summary>What <c>inspect --format json</c> prints, field by field in the order of the document.</summary>
sealed record InspectionDocument(
    int Schema, ModelSummary Model, int Opset, long IrVersion, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs,
    IReadOnlyList<LayerInfo> Layers, IReadOnlyList<GroupInfo> Groups, IReadOnlyList<DiagnosticEntry> Diagnostics)
{
    public static InspectionDocument Of(Inspection inspection) => new(
        1, inspection.Model, inspection.Opset, inspection.IrVersion, inspection.Inputs, inspection.Outputs, inspection.Layers,
        inspection.Groups, [.. inspection.Diagnostics.Select(DiagnosticEntry.Of)]);
}
