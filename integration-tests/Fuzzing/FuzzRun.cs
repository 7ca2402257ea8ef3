using System.Collections.Concurrent;
using System.Diagnostics;

namespace Compress.IntegrationTests.Fuzzing;

/// <summary>
/// Runs cases in worker processes, so that one that takes its process down is known, counted, and passed over. A worker tells the case that
/// it begins and how it ended, a line for each.
/// </summary>
/// <param name="seed">The seed of every case.</param>
/// <param name="cases">How many.</param>
/// <param name="told">Is told of each fault when it is met, and how far the run is; null for nobody.</param>
sealed class FuzzRun(int seed, int cases, Action<string>? told = null)
{
    const int Workers = 2;

    /// <summary>What one process does: starting one takes as long as a hundred cases.</summary>
    readonly int batchSize = Math.Clamp(cases / (4 * Workers), 100, 2000);

    /// <summary>A case is interrupted long before; what is left is for machines with much else to do.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly ConcurrentQueue<(int First, int End)> batches = [];

    readonly FuzzTally tally = new(seed);

    public async Task<FuzzTally> Run()
    {
        for (var first = 0; first < cases; first += batchSize)
            batches.Enqueue((first, Math.Min(cases, first + batchSize)));
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            while (batches.TryDequeue(out var batch))
            {
                for (var next = batch.First; next < batch.End;)
                    next = await Work(next, batch.End);
            }
        })));
        return tally;
    }

    /// <summary>Lets one process do cases until it ends.</summary>
    /// <returns>The first case that is still to be done.</returns>
    async Task<int> Work(int first, int end)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(FuzzRun).Assembly.Location, "fuzz-cases", $"{seed}", $"{first}", $"{end - first}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A dump of each crash would fill the disk.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using var process = Process.Start(start)!;
        var errors = new ConcurrentQueue<string>();
        process.ErrorDataReceived += (_, line) =>
        {
            errors.Enqueue(line.Data ?? "");
            while (errors.Count > 12)
                errors.TryDequeue(out var _);
        };
        process.BeginErrorReadLine();
        var (number, target, isRunning, killed) = (first, default(FuzzTarget), true, (FuzzOutcome?)null);
        using (new Timer(_ => Watch(), null, 50, 50))
        {
            var line = process.StandardOutput.ReadLineAsync();
            while (true)
            {
                if (await Task.WhenAny(line, Task.Delay(Patience)) != line)
                {
                    killed = FuzzOutcome.Hang;
                    process.Kill();
                }

                if (await line is not { } text)
                    break;
                line = process.StandardOutput.ReadLineAsync();
                // 'begin NUMBER TARGET', 'end OUTCOME TEXT'
                var words = text.Split(' ', 3);
                if (words is ["begin", var begun, var aim])
                {
                    (number, target, isRunning) = (int.Parse(begun), Enum.Parse<FuzzTarget>(aim), true);
                }
                else if (words is ["end", var outcome, var more])
                {
                    isRunning = false;
                    Add(number, target, Enum.Parse<FuzzOutcome>(outcome), more);
                }
            }
        }

        await process.WaitForExitAsync();
        if (isRunning)
            Add(number, target, killed ?? FuzzOutcome.Crash, $"exit code {process.ExitCode} {string.Join("\n    ", errors)}");
        return number + 1;

        void Watch()
        {
            try
            {
                process.Refresh();
                if (killed is not null || process.WorkingSet64 < FuzzWorker.MostWorkingSet * 2)
                    return;
                killed = FuzzOutcome.Memory;
                process.Kill();
            }
            catch (InvalidOperationException)
            {
                // It has ended.
            }
        }
    }

    void Add(int number, FuzzTarget target, FuzzOutcome outcome, string text)
    {
        lock (tally)
        {
            tally.Add(number, target, outcome, text);
            if (outcome >= FuzzOutcome.Exception)
                told?.Invoke(tally.Failures[^1]);
            if (tally.Cases % 1000 == 0)
                told?.Invoke(tally.Counts);
        }
    }
}
