using System.Text.Json;

namespace Compress.Reporting;

/// <summary>What <c>inspect</c> tells, as JSON in the manner of <see cref="ReportJson"/>.</summary>
public static class InspectionJson
{
    /// <summary>Writes UTF-8 without a byte order mark, with a line break at the end.</summary>
    public static void Write(Inspection inspection, Stream stream)
    {
        JsonSerializer.Serialize(stream, InspectionDocument.Of(inspection), JsonFormat.Readable.InspectionDocument);
        stream.WriteByte((byte)'\n');
    }
}
