using System.Text;
using Compress.Tool;
using Compress.UnitTests.Support;
using Spectre.Console;
using Spectre.Console.Testing;

namespace Compress.UnitTests.Tool;

/// <summary>One run of the tool with what it wrote to each stream.</summary>
sealed record ToolRun(int Code, string Output, string Errors)
{
    public static ToolRun Of(params string[] args) => With(new FakeEngine(), args);

    public static ToolRun With(FakeEngine engine, params string[] args) => Start(engine, null, default, args);

    public static ToolRun InTerminal(int width, params string[] args) => Start(new FakeEngine(), width, default, args);

    public static ToolRun Start(FakeEngine engine, int? terminalWidth, CancellationToken cancellation, params string[] args)
    {
        using var results = new TestConsole();
        using var messages = new TestConsole();
        if (terminalWidth is { } width)
        {
            results.Profile.Out = new TerminalOutput(results.Profile.Out.Writer);
            results.Profile.Width = width;
        }

        var code = CommandLine.Invoke(args, results, messages, engine, cancellation);
        return new ToolRun(code, Lines(results.Output), Lines(messages.Output));
    }

    /// <summary>Holds standard output to a file beside the tests, character by character.</summary>
    public void PrintsAsIn(string file)
    {
        Assert.Equal(Lines(Repository.Read("unit-tests", "Tool", "Expected", file)), Output, ignoreLineEndingDifferences: true);
    }

    static string Lines(string text) => text.ReplaceLineEndings("\n");

    sealed class TerminalOutput(TextWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => 80;

        public int Height => 24;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
