
namespace Compress.Benchmarks;

/// <summary>Runs one policy on one model in this process, which should have done nothing else, since its peak memory is measured.</summary>
static class PolicyRun
{
    public static void Print(string policyPath, string modelPath)
    {
        var output = Path.Combine(Path.GetTempPath(), $"compress-run-{Environment.ProcessId}.onnx");
        try
        {
            var run = TimedRun.Of(new CompressionRequest(policyPath) { ModelPath = modelPath, OutputPath = output });
            var ratios = run.Report.Ratios!;
            Console.WriteLine($"{Path.GetFileName(modelPath)}, {Path.GetFileNameWithoutExtension(policyPath)}: {ratios.Size:0.0%} of the size, {ratios.Macs:0.0%} of the MACs");
            Console.WriteLine($"{run.Seconds:0.0} s ({string.Join(", ", run.Report.Seconds.Select(step => $"{step.Key} {step.Value:0.0}"))}), peak memory {run.PeakMemory / 1e6:0} MB, load average {Machine.Load}");
            foreach (var threads in (int[])[1, 0])
                Console.WriteLine($"latency at batch 1, {(threads == 1 ? "one thread" : "all threads")}: {Latency(modelPath, output, threads)}");
        }
        finally
        {
            File.Delete(output);
        }
    }

    static string Latency(string before, string after, int threads) => FilePair.Latency(before, after, threads, TimedRun.LatencyBudget, out var obstacle) is { } latency
        ? $"{latency.Ratio:0.000} ({latency.Before:0.00} -> {latency.After:0.00} ms)"
        : $"not measured: {obstacle}";
}
