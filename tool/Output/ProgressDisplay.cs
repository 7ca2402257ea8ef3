using Compress.Techniques;
using Compress.Tool.Commands;
using Spectre.Console;

namespace Compress.Tool.Output;

/// <summary>
/// Shows on standard error how far a run is: live bars where a person watches, else a line a step when details are asked for.
/// The bars vanish with the run, so that what remains are the results.
/// </summary>
static class ProgressDisplay
{
    public static T During<T>(Terminal terminal, Verbosity verbosity, Func<IProgress<StepProgress>?, T> work)
    {
        if (verbosity >= Verbosity.Normal && terminal.Messages.Profile.Capabilities.Interactive && terminal.Messages.Profile.Capabilities.Ansi)
            return Live(terminal.Messages, work);
        return work(verbosity >= Verbosity.Detailed ? new StepLines(terminal) : null);
    }

    static T Live<T>(IAnsiConsole messages, Func<IProgress<StepProgress>?, T> work) => messages.Progress()
        .AutoClear(true)
        .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
        .Start(context => work(new StepBars(context)));
}
