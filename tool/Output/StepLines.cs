using Compress.Techniques;

namespace Compress.Tool.Output;

/// <summary>Writes a line when a step begins.</summary>
sealed class StepLines(Terminal terminal) : IProgress<StepProgress>
{
    readonly Lock gate = new();
    string? current;

    public void Report(StepProgress value)
    {
        lock (gate)
        {
            if (value.Step == current)
                return;
            current = value.Step;
            terminal.Say(Printable.Line($"{value.Step} ..."));
        }
    }
}
