using System.Diagnostics;
using Compress.Diagnostics;
using Compress.Reporting;

namespace Compress.Benchmarks;

/// <summary>A run that went well, with what it took of this process, which should have done nothing else.</summary>
/// <param name="Report">The report.</param>
/// <param name="Output">The compressed model.</param>
/// <param name="Seconds">The time of the whole run.</param>
/// <param name="PeakMemory">The most memory that the process had, in bytes.</param>
sealed record TimedRun(Report Report, string Output, double Seconds, long PeakMemory)
{
    /// <summary>What each latency is measured for: ten times what a run takes for its own report.</summary>
    public static readonly TimeSpan LatencyBudget = TimeSpan.FromSeconds(10);

    /// <exception cref="CompressException">Nothing was written.</exception>
    public static TimedRun Of(CompressionRequest request)
    {
        var watch = Stopwatch.StartNew();
        var result = Compression.Run(request);
        var seconds = watch.Elapsed.TotalSeconds;
        using var process = Process.GetCurrentProcess();
        return result.OutputPath is { } output
            ? new TimedRun(result.Report, output, seconds, process.PeakWorkingSet64)
            : throw new CompressException([.. result.Report.Diagnostics]);
    }
}
