using System.Diagnostics;
using Compress.Evaluation;

namespace Compress.Benchmarks;

/// <summary>Runs every policy in a process of its own and prints a Markdown page with a table.</summary>
static class Figures
{
    public static void Print(string dataFolder)
    {
        Console.WriteLine($"""
            # Figures

            The sample models of `samples/fashion-mnist/models` under the policies of `benchmarks/policies`: accuracy on all 10,000 test images of
            Fashion-MNIST, calibration on 512 training images. Made by

                dotnet run --project benchmarks -c Release -- figures > benchmarks/results/figures.md

            | | |
            |---|---|
            {Machine.Describe()}

            Ratios are after / before; the interval of the top1 drop is at 95%, and positive is worse. Latency is the median of one run at batch 1 and
            one thread, the models taking turns for 10 seconds. Run time is that of the whole run: reading, compressing, and evaluating both models.
            Peak memory is that of the run's own process.

            """);
        Console.WriteLine("| policy | model | size | parameters | MACs | top1 | drop | samples | latency | run time | peak memory |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var policy in FigurePolicy.All)
        {
            Console.Error.WriteLine(policy);
            Console.WriteLine(Row(Path.GetFileNameWithoutExtension(policy), Figure.Read(InChild("measure", policy, dataFolder))));
        }

        Console.WriteLine($"\nLoad average of the machine at the end: {Machine.Load}. Above the number of cores, run times and latencies are noisy.");
    }

    static string Row(string policy, Figure figure)
    {
        var (top1, ratios, latency) = (figure.Top1, figure.Ratios, figure.Latency);
        var interval = top1.Interval is { Level: 0.95 } found ? found : throw new InvalidOperationException("the interval is not at 95%");
        string[] cells =
        [
            $"`{policy}`", figure.Model, $"{ratios.Size:0.0%}", $"{ratios.Parameters:0.0%}", $"{ratios.Macs:0.0%}",
            $"{top1.Before:0.00%} → {top1.After:0.00%}", $"{Points(top1.Drop!.Value)} [{Points(interval.Low)}, {Points(interval.High)}]",
            $"{top1.Samples}", $"{latency.Ratio:0%} ({latency.Before:0.000} → {latency.After:0.000} ms)", $"{figure.Seconds:0.0} s",
            $"{figure.PeakBytes / 1e6:0} MB",
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    /// <summary>A drop in percentage points.</summary>
    static string Points(double share) => $"{share * 100:0.00;−0.00;0.00}";

    static string InChild(params string[] arguments)
    {
        using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["exec", typeof(Figures).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
        })!;
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0 ? output : throw new IOException($"'{string.Join(' ', arguments)}' ended with exit code {child.ExitCode}");
    }
}
