using System.Text;
using Spectre.Console;

namespace Compress.Tool.Output;

/// <summary>A stream that knows whether it is a terminal.</summary>
sealed class StreamOutput(TextWriter writer, bool isTerminal) : IAnsiConsoleOutput
{
    const int UsualWidth = 80;
    const int UsualHeight = 24;

    public TextWriter Writer => writer;

    public bool IsTerminal => isTerminal;

    public int Width => isTerminal && Console.WindowWidth is > 0 and var width ? width : UsualWidth;

    public int Height => isTerminal && Console.WindowHeight is > 0 and var height ? height : UsualHeight;

    public void SetEncoding(Encoding encoding)
    {
        // Always UTF-8.
    }
}
