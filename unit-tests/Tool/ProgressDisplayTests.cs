using Compress.Techniques;
using Compress.Tool.Commands;
using Compress.Tool.Output;
using Spectre.Console.Testing;

namespace Compress.UnitTests.Tool;

public class ProgressDisplayTests
{
    [Fact]
    public void A_terminal_gets_a_bar_for_each_step()
    {
        using var results = new TestConsole();
        using var messages = new TestConsole().Interactive().EmitAnsiSequences();

        var result = ProgressDisplay.During(new Terminal(results, messages), Verbosity.Normal, progress =>
        {
            progress!.Report(new StepProgress("prune [all]", 0.5));
            progress.Report(new StepProgress("quantize", 1));
            return 7;
        });

        Assert.Equal(7, result);
        Assert.Contains("prune [all]", messages.Output);
        Assert.Contains("quantize", messages.Output);
        Assert.Equal("", results.Output);
    }

    [Fact]
    public void What_ends_a_run_passes_through_the_bars()
    {
        using var messages = new TestConsole().Interactive().EmitAnsiSequences();

        Assert.Throws<OperationCanceledException>(() => ProgressDisplay.During<int>(
            new Terminal(messages, messages), Verbosity.Normal, _ => throw new OperationCanceledException()));
    }
}
