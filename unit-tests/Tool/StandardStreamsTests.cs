using System.Text;
using Compress.Tool;
using Compress.Tool.Output;
using Spectre.Console;

namespace Compress.UnitTests.Tool;

public class StandardStreamsTests
{
    [Fact]
    public void Where_colour_is_unwanted_a_terminal_gets_no_escape_sequence()
    {
        using var output = new MemoryStream();
        using var errors = new MemoryStream();

        CommandLine.Invoke([], StandardStreams.Create(output, isTerminal: true, escapes: false), StandardStreams.Create(errors, isTerminal: true, escapes: false), new FakeEngine());

        Assert.Contains("╭", Encoding.UTF8.GetString(output.ToArray()));
        Assert.DoesNotContain('\u001b', Encoding.UTF8.GetString(output.ToArray()));
        Assert.Equal("compress.yaml(12,5): warning CMP1008: the rule matches no layer: /head/*", Encoding.UTF8.GetString(errors.ToArray()).TrimEnd());
    }

    [Fact]
    public void A_pipe_is_not_interactive_and_starts_without_a_byte_order_mark()
    {
        using var stream = new MemoryStream();

        var console = StandardStreams.Create(stream, isTerminal: false, escapes: true);
        console.Profile.Out.Writer.Write("x");

        Assert.False(console.Profile.Capabilities.Interactive);
        Assert.False(console.Profile.Capabilities.Ansi);
        Assert.Equal("x"u8.ToArray(), stream.ToArray());
    }

    [Fact]
    public void Streams_that_break_end_the_run_without_a_crash()
    {
        using var broken = new BrokenStream();
        var console = StandardStreams.Create(broken, isTerminal: false, escapes: false);

        Assert.Equal(ExitCode.Error, CommandLine.Invoke([], console, console, new FakeEngine()));
    }

    sealed class BrokenStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left on device");

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("No space left on device");

        public override void Flush()
        {
        }
    }
}
