using System.Diagnostics;
using Compress.Models;
using Compress.Rewriting;

namespace Compress.Benchmarks;

/// <summary>Loads, rewrites and saves one model in this process, which should have done nothing else, since its peak memory is measured.</summary>
static class RewriteRun
{
    public static void Print(string modelPath)
    {
        var output = Path.Combine(Path.GetTempPath(), $"compress-rewrite-{Environment.ProcessId}.onnx");
        try
        {
            var watch = Stopwatch.StartNew();
            using (var model = Model.Load(modelPath))
            {
                Rewriter.Run(model);
                model.Save(output);
            }

            var seconds = watch.Elapsed.TotalSeconds;
            using var process = Process.GetCurrentProcess();
            Console.WriteLine($"{Path.GetFileName(modelPath)}: loaded, rewritten and saved in {seconds:0.00} s, peak memory {process.PeakWorkingSet64 / 1e6:0} MB, {new FileInfo(output).Length / 1e6:0.0} MB written");
        }
        finally
        {
            File.Delete(output);
        }
    }
}
