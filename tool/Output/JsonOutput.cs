using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Compress.Tool.Output;

/// <summary>Writes a result as one JSON document and nothing else.</summary>
static class JsonOutput
{
    static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    public static void Write<T>(T result, IAnsiConsole results)
    {
        results.Profile.Out.Writer.WriteLine(JsonSerializer.Serialize(result, Options));
        results.Profile.Out.Writer.Flush();
    }
}
