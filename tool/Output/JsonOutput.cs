using System.Text;
using Spectre.Console;

namespace Compress.Tool.Output;

/// <summary>Writes a result as one JSON document and nothing else.</summary>
static class JsonOutput
{
    /// <param name="write">Writes the document as UTF-8, as the engine's writers of reports do.</param>
    /// <param name="results">Where results go.</param>
    public static void Write(Action<Stream> write, IAnsiConsole results)
    {
        using var document = new MemoryStream();
        write(document);
        results.Profile.Out.Writer.WriteLine(Encoding.UTF8.GetString(document.ToArray()).TrimEnd());
        results.Profile.Out.Writer.Flush();
    }
}
