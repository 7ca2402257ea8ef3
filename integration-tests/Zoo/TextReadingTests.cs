using Compress.IntegrationTests.Support;
using Compress.Reporting;
using Xunit.Abstractions;

namespace Compress.IntegrationTests.Zoo;

/// <summary>Real tasks with right and wrong answers: reading lines of text, and telling which way up they are.</summary>
public sealed class TextReadingTests(ITestOutputHelper output)
{
    const int CalibrationLines = 96;
    const int TestLines = 600;

    /// <summary>Calibration lines have lower seeds.</summary>
    const int FirstTest = 10_000;

    /// <summary>One point.</summary>
    const double MostLoss = 0.01;

    [Theory]
    [InlineData("int8")]
    [InlineData("{ as: int8, target-cpu: vnni }")]
    [InlineData("{ as: int8, target-cpu: vnni, repair: [equalization, bias-correction] }")]
    [InlineData("fp16")]
    public async Task Lines_are_read_as_well_as_before(string quantize)
    {
        var path = await ZooModel.Of("PP-OCRv4 recognition").File();
        var characters = await File.ReadAllLinesAsync(Path.Combine(Path.GetDirectoryName(path)!, "ppocr_keys_v1.txt"));
        using var folder = new TemporaryModelFolder();
        NpzFile.Write(folder["calibration.npz"], [.. Lines(0, CalibrationLines).Select(seed => Line(seed))]);
        var report = Compress(path, folder, quantize, "");

        var (before, after) = (Right(path), Right(folder.Output));

        Say($"PP-OCRv4 recognition, {quantize}", before, after, report);
        Assert.InRange(before.Average(right => right ? 1.0 : 0), 0.8, 0.999);
        Assert.InRange((before.Count(right => right) - after.Count(right => right)) / (double)TestLines, -1, MostLoss);

        bool[] Right(string model) => [.. ZooOutputs.Of(model, Lines(FirstTest, TestLines).Select(seed => Line(seed))).Zip(Lines(FirstTest, TestLines),
            (found, seed) => TextLines.Read(found.Values.Single(), characters) == TextLines.Text(seed))];

        static Dictionary<string, Array> Line(int seed) => new() { ["x"] = Pictures.Text(TextLines.Text(seed), seed, 48, 320) };
    }

    [Theory]
    [InlineData("int8")]
    [InlineData("{ as: int8, target-cpu: vnni }")]
    [InlineData("fp16")]
    public async Task The_way_up_is_told_as_well_as_before_and_gated(string quantize)
    {
        var path = await ZooModel.Of("PP-OCR direction").File();
        using var folder = new TemporaryModelFolder();
        NpzFile.Write(folder["calibration.npz"], [.. Lines(0, CalibrationLines).Select(seed => Line(seed))]);
        NpzFile.Write(folder["evaluation.npz"], [.. Lines(FirstTest, TestLines).Select(seed => Line(seed).Append(new("labels", new long[] { seed % 2 })).ToDictionary())]);

        var report = Compress(path, folder, quantize, "gates: { top1: { max-drop: 1% } }");

        var top1 = report.Metrics["top1"];
        output.WriteLine($"PP-OCR direction, {quantize}: {top1.Before:0.0%} -> {top1.After:0.0%}, drop {top1.Drop * 100:0.00} points [{top1.Interval!.Low * 100:0.00}, {top1.Interval.High * 100:0.00}] at 95% on {top1.Samples} lines, "
            + $"{report.Ratios!.Size:0.0%} of the size, latency {report.Ratios.Latency:0%}");
        Assert.InRange(top1.Before!.Value, 0.8, 1);
        Assert.InRange(top1.Drop!.Value, -1, MostLoss);

        static Dictionary<string, Array> Line(int seed) => new() { ["x"] = Pictures.Text(TextLines.Text(seed), seed, 48, 192, isTurned: seed % 2 == 1) };
    }

    static IEnumerable<int> Lines(int first, int count) => Enumerable.Range(first, count);

    static Report Compress(string path, TemporaryModelFolder folder, string quantize, string gates)
    {
        File.WriteAllText(folder["compress.yaml"], $$"""
            version: 1
            data:
              calibration: { npz: calibration.npz }
              {{(gates.Length > 0 ? "evaluation: { npz: evaluation.npz }" : "")}}
            layers: [{ match: "*", quantize: {{quantize}} }]
            {{gates}}
            """);
        var result = Compression.Run(new CompressionRequest(folder["compress.yaml"]) { ModelPath = path, OutputPath = folder.Output });
        Assert.True(result.Outcome == Outcome.Done, string.Join("\n", result.Report.Diagnostics));
        return result.Report;
    }

    /// <summary>What became of the right answers, with the interval of a paired difference, and of the layers.</summary>
    void Say(string name, bool[] before, bool[] after, Report report)
    {
        var (lost, won, count) = (before.Zip(after).Count(pair => pair is (true, false)), before.Zip(after).Count(pair => pair is (false, true)), before.Length);
        var drop = (double)(lost - won) / count;
        var half = 1.96 * Math.Sqrt(lost + won - ((double)(lost - won) * (lost - won) / count)) / count;
        output.WriteLine($"{name}: {before.Count(right => right) / (double)count:0.0%} -> {after.Count(right => right) / (double)count:0.0%} of {count} lines, "
            + $"drop {drop * 100:0.00} points [{(drop - half) * 100:0.00}, {(drop + half) * 100:0.00}] at 95%, {report.Ratios!.Size:0.0%} of the size, latency {report.Ratios.Latency:0%}");
        foreach (var step in report.Repair)
            output.WriteLine($"  {step.Step}: {step.ErrorBefore:0.0%} -> {step.ErrorAfter:0.0%}, {step.Detail}{(step.IsKept ? "" : ", taken back")}");
        var kept = report.Layers.SelectMany(layer => layer.Techniques).Where(change => change.Skipped is not null || change.Settings.Contains("weights only", StringComparison.Ordinal)).ToList();
        foreach (var change in kept.Take(3))
            output.WriteLine($"  {change.Layer}: {change.Skipped ?? change.Settings}");
        output.WriteLine($"  {kept.Count} layers in all kept float activations or are in float");
    }
}
