using System.Diagnostics;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Execution;
using Compress.Models;
using Compress.Policies;

namespace Compress.IntegrationTests.Fuzzing;

/// <summary>Does one case after another in this process, and tells of each.</summary>
static class FuzzWorker
{
    /// <summary>What this process may hold at most; without a case it is about 100 MB.</summary>
    public const long MostWorkingSet = 1L << 30;

    const long MostAllocated = 256 << 20;

    static readonly TimeSpan Interrupt = TimeSpan.FromSeconds(5);

    /// <param name="seed">The seed of every case.</param>
    /// <param name="first">The number of the first case.</param>
    /// <param name="count">How many.</param>
    /// <param name="folder">Where the files stay; null deletes them.</param>
    public static void Run(int seed, int first, int count, string? folder)
    {
        var work = Directory.CreateTempSubdirectory("compress-fuzz-").FullName;
        try
        {
            for (var number = first; number < first + count; number++)
            {
                var files = folder is null ? Path.Combine(work, $"{number}") : Path.Combine(Path.GetFullPath(folder), $"{number}");
                Directory.CreateDirectory(files);
                var fuzz = FuzzCase.Write(seed, number, files);
                Tell($"begin {number} {fuzz.Target}");
                var (outcome, text) = Try(fuzz);
                Tell($"end {outcome} {text.ReplaceLineEnds()}");
                if (folder is null)
                    Directory.Delete(files, recursive: true);
                // The peak would be told of every case from here on.
                if (outcome == FuzzOutcome.Memory)
                    return;
            }
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    static (FuzzOutcome Outcome, string Text) Try(FuzzCase fuzz)
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var names = Names(fuzz.Folder);
        (FuzzOutcome Outcome, string Text) end;
        try
        {
            using var interrupt = new CancellationTokenSource(Interrupt);
            var errors = Work(fuzz, interrupt.Token).Where(diagnostic => diagnostic.Severity == Severity.Error).ToList();
            end = (errors.Exists(error => error.Code == Codes.Cancelled.Code) ? FuzzOutcome.Cancelled : errors.Count > 0 ? FuzzOutcome.Refused : FuzzOutcome.Accepted,
                string.Join(" | ", errors));
        }
        catch (CompressException exception)
        {
            end = (FuzzOutcome.Refused, exception.Message);
        }
        catch (OperationCanceledException)
        {
            end = (FuzzOutcome.Cancelled, "");
        }
        catch (Exception exception)
        {
            return (FuzzOutcome.Exception, $"{fuzz.Damage}: {exception}");
        }

        if (Process.GetCurrentProcess().PeakWorkingSet64 is var peak and > MostWorkingSet)
            return (FuzzOutcome.Memory, $"{fuzz.Damage}: a working set of {peak >> 20} MB");
        if (GC.GetTotalAllocatedBytes() - allocated is var bytes and > MostAllocated)
            return (FuzzOutcome.Memory, $"{fuzz.Damage}: {bytes >> 20} MB were allocated");
        if (fuzz.Target != FuzzTarget.Run || end.Outcome != FuzzOutcome.Accepted)
            return Names(fuzz.Folder).Except(names).ToList() is { Count: > 0 } left ? (FuzzOutcome.BadOutput, $"{fuzz.Damage}: {string.Join(", ", left)} was left behind") : end;
        try
        {
            using var output = Model.Load(fuzz.OutputPath);
            Session.Open(fuzz.OutputPath, new SessionSettings(1, Optimize: false)).Dispose();
        }
        catch (CompressException exception)
        {
            return (FuzzOutcome.BadOutput, $"{fuzz.Damage}: {exception.Message}");
        }

        return end;
    }

    static IEnumerable<Diagnostic> Work(FuzzCase fuzz, CancellationToken interrupt)
    {
        var request = new CompressionRequest(fuzz.PolicyPath) { ModelPath = fuzz.ModelPath, OutputPath = fuzz.OutputPath, Gates = GateMode.Skip, Threads = 1 };
        switch (fuzz.Target)
        {
            case FuzzTarget.Inspect:
                return Compression.Inspect(fuzz.ModelPath, cancellation: interrupt).Diagnostics;
            case FuzzTarget.Check:
                return Compression.Check(request, interrupt).Diagnostics;
            case FuzzTarget.Run:
                return Compression.Run(request, null, interrupt).Report.Diagnostics;
            case FuzzTarget.ModelReader:
                using (var model = Model.Load(fuzz.ModelPath))
                {
                    using var clone = model.Clone();
                    clone.Graph.RemoveDead();
                    _ = clone.ToBytes();
                }

                return [];
            case FuzzTarget.PolicyReader:
                var diagnostics = new DiagnosticBag();
                PolicyReader.Read(fuzz.PolicyPath, diagnostics);
                return diagnostics;
            default:
                var found = new DiagnosticBag();
                using (var data = DataSets.Open(fuzz.Data, path => path, SoundFiles.Inputs, seed: 1, found))
                    data.Read(0, data.Count);
                return found;
        }
    }

    static string[] Names(string folder) => [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)];

    static string ReplaceLineEnds(this string text) => text.ReplaceLineEndings(" / ");

    static void Tell(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
