using System.Text.Json;

namespace Compress.Reporting;

/// <summary>What <c>check</c> tells, as JSON in the manner of <see cref="ReportJson"/>.</summary>
public static class PolicyCheckJson
{
    /// <summary>Writes UTF-8 without a byte order mark, with a line break at the end.</summary>
    public static void Write(PolicyCheck check, Stream stream)
    {
        JsonSerializer.Serialize(stream, PolicyCheckDocument.Of(check), JsonFormat.Readable.PolicyCheckDocument);
        stream.WriteByte((byte)'\n');
    }
}
