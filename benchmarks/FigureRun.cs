using Compress.Data;
using Compress.Diagnostics;
using Compress.Evaluation;
using Compress.Execution;
using Compress.Policies;

namespace Compress.Benchmarks;

/// <summary>Runs one policy in this process, which should have done nothing else, since its peak memory is measured.</summary>
static class FigureRun
{
    public static Figure Measure(string policyPath, string dataFolder)
    {
        var diagnostics = new DiagnosticBag();
        var text = FigurePolicy.Text(policyPath, dataFolder);
        var policy = PolicyReader.Parse(text, policyPath, diagnostics) ?? throw new CompressException([.. diagnostics]);
        var model = policy.Resolve(policy.Model!.Value);
        var folder = Directory.CreateTempSubdirectory("compress-figures-").FullName;
        try
        {
            var request = new CompressionRequest(Path.Combine(folder, "compress.yaml")) { ModelPath = model, OutputPath = Path.Combine(folder, "out.onnx") };
            File.WriteAllText(request.PolicyPath, text);
            var run = TimedRun.Of(request);
            return new Figure(Path.GetFileNameWithoutExtension(model), run.Report.Ratios!, run.Report.Metrics[MetricNames.Top1],
                Latency(policy, model, run.Output), run.Seconds, run.PeakMemory);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>One thread: the ratio then depends least on how many cores there are, and on what else they do.</summary>
    static LatencyComparison Latency(Policy policy, string model, string output)
    {
        var settings = new SessionSettings(Threads: 1);
        using var before = Session.Open(model, settings);
        using var after = Session.Open(output, settings);
        using var data = DataSets.Open(policy.Data.Evaluation!, policy.Resolve, before.Inputs, seed: 0, []);
        return LatencyMeter.Ratio(before, after, data.Read(0, 1), TimedRun.LatencyBudget);
    }
}
