using Compress.Techniques;
using Spectre.Console;

namespace Compress.Tool.Output;

/// <summary>Keeps one bar for each step; a step ends when the next one begins.</summary>
sealed class StepBars(ProgressContext context) : IProgress<StepProgress>
{
    readonly Lock gate = new();
    ProgressTask? bar;
    string? current;

    public void Report(StepProgress value)
    {
        lock (gate)
        {
            if (value.Step != current)
            {
                if (bar is not null)
                {
                    bar.Value = bar.MaxValue;
                    bar.StopTask();
                }

                current = value.Step;
                bar = context.AddTask(Markup.Escape(Printable.Line(value.Step)), maxValue: 1);
            }

            bar!.Value = Math.Clamp(value.Share, 0, 1);
        }
    }
}
