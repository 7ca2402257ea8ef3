using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Compress.Reporting;

/// <summary>The code that reads and writes documents, generated at build so that nothing is looked up at run time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n",
    Converters = [typeof(FiniteNumberConverter), typeof(VerdictConverter), typeof(GateVerdictConverter)])]
[JsonSerializable(typeof(ReportDocument))]
[JsonSerializable(typeof(InspectionDocument))]
[JsonSerializable(typeof(PolicyCheckDocument))]
sealed partial class JsonFormat : JsonSerializerContext
{
    // Made on first use: the generated half's own static fields may be set after those of this half.
    static JsonFormat? readable;

    /// <summary>The documents are files and pipes, never part of a web page: ≤, quotes and arrows stay readable.</summary>
    public static JsonFormat Readable => readable ??= new JsonFormat(
        new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
