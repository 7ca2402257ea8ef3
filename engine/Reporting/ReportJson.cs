using System.Text.Json;
using Compress.Models;

namespace Compress.Reporting;

/// <summary>
/// Reports as JSON; docs/report.md describes every field. Names are stable, lines end in LF, what is not known is null,
/// and so is a number that is not finite, for which JSON has no token.
/// </summary>
public static class ReportJson
{
    /// <summary>Writes UTF-8 without a byte order mark, with a line break at the end.</summary>
    public static void Write(Report report, Stream stream)
    {
        JsonSerializer.Serialize(stream, ReportDocument.Of(report), JsonFormat.Readable.ReportDocument);
        stream.WriteByte((byte)'\n');
    }

    /// <summary>Writes a file that is either whole or not there.</summary>
    /// <exception cref="Diagnostics.CompressException">CMP6001: the file cannot be written.</exception>
    public static void Save(Report report, string path) => AtomicFile.Write(path, stream => Write(report, stream));

    /// <summary>Reads what <see cref="Write"/> wrote. A value that was not finite comes back as NaN, or null where it may be.</summary>
    /// <exception cref="JsonException">The stream holds no report.</exception>
    public static Report Read(Stream stream) =>
        JsonSerializer.Deserialize(stream, JsonFormat.Readable.ReportDocument)?.ToReport()
        ?? throw new JsonException("the document is null");
}
