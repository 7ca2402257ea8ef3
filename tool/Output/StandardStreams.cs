using System.Text;
using Spectre.Console;

namespace Compress.Tool.Output;

/// <summary>Standard output and standard error, each a terminal or not by itself. NO_COLOR and TERM=dumb keep escape sequences out.</summary>
static class StandardStreams
{
    public static (IAnsiConsole Results, IAnsiConsole Messages) Open()
    {
        var escapes = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";
        if (OperatingSystem.IsWindows() && !(Console.IsOutputRedirected && Console.IsErrorRedirected))
            Console.OutputEncoding = Encoding.UTF8;
        return (Create(Console.OpenStandardOutput(), !Console.IsOutputRedirected, escapes),
            Create(Console.OpenStandardError(), !Console.IsErrorRedirected, escapes));
    }

    public static IAnsiConsole Create(Stream stream, bool isTerminal, bool escapes)
    {
        var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
        var live = isTerminal && escapes;
        return AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new StreamOutput(writer, isTerminal),
            Ansi = live ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = live ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = live ? InteractionSupport.Yes : InteractionSupport.No,
            // What a CI service's variables say of its log viewer is no reason to write escapes into files.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
    }
}
