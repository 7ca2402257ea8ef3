using Compress.IntegrationTests.Support;
using Xunit.Abstractions;

namespace Compress.IntegrationTests.Zoo;

/// <summary>Low rank on models that people ship.</summary>
public sealed class LowRankZooTests(ITestOutputHelper output)
{
    const int CalibrationSamples = 64;
    const int UnseenSamples = 32;

    [Fact]
    public async Task On_unseen_pictures_factors_chosen_by_data_are_off_by_less_than_half_of_what_plain_ones_are()
    {
        var zoo = ZooModel.Of("ResNet-18");
        var path = await zoo.File();
        using var folder = new TemporaryModelFolder();
        NpzFile.Write(folder["calibration.npz"], [.. Enumerable.Range(0, CalibrationSamples).Select(zoo.Sample)]);
        var unseen = Enumerable.Range(1000, UnseenSamples).Select(zoo.Sample).ToList();
        var expected = ZooOutputs.Of(path, unseen);
        var features = expected[0].Keys.Single();
        var losses = new Dictionary<bool, double>();
        foreach (var aware in (bool[])[false, true])
        {
            await File.WriteAllTextAsync(folder["compress.yaml"], $$"""
                version: 1
                data:
                  calibration: { npz: calibration.npz }
                layers:
                  - { match: { op: Conv, kernel: 3x3 }, tucker: { speedup: 2, data-aware: {{(aware ? "true" : "false")}} } }
                """);
            var result = Compression.Run(new CompressionRequest(folder["compress.yaml"]) { ModelPath = path, OutputPath = folder.Output, Gates = GateMode.Skip });
            Assert.True(result.Outcome == Outcome.Done, string.Join("\n", result.Report.Diagnostics));
            losses[aware] = 1 - ZooOutputs.Cosine(expected, ZooOutputs.Of(folder.Output, unseen), features);
            output.WriteLine($"data-aware {aware}: 1 - cosine {losses[aware]:0.0000} on {UnseenSamples} unseen pictures, {result.Report.Ratios!.Macs:0.0%} of the MACs, {result.Report.Seconds["tucker"]:0.0} s");
        }

        Assert.InRange(losses[true], 0, losses[false] / 2);
    }

    [Theory]
    [InlineData("MiniLM", 0.7)]
    [InlineData("PP-OCRv4 recognition", 0.7)]
    [InlineData("PP-OCR direction", 0)]
    public async Task Dense_layers_are_factorized_or_skipped_with_a_reason(string name, double leastCosine)
    {
        var zoo = ZooModel.Of(name);
        var path = await zoo.File();
        using var folder = new TemporaryModelFolder();
        NpzFile.Write(folder["calibration.npz"], [.. Enumerable.Range(0, CalibrationSamples).Select(zoo.Sample)]);
        await File.WriteAllTextAsync(folder["compress.yaml"], """
            version: 1
            data:
              calibration: { npz: calibration.npz }
            layers:
              - { match: { op: Gemm }, svd: { energy: 99% } }
              - { match: { op: MatMul }, svd: { energy: 99% } }
            """);

        var result = Compression.Run(new CompressionRequest(folder["compress.yaml"]) { ModelPath = path, OutputPath = folder.Output, Gates = GateMode.Skip });

        Assert.True(result.Outcome == Outcome.Done, string.Join("\n", result.Report.Diagnostics));
        var changes = result.Report.Layers.SelectMany(layer => layer.Techniques).ToList();
        Assert.NotEmpty(changes);
        var unseen = Enumerable.Range(1000, UnseenSamples).Select(zoo.Sample).ToList();
        var (expected, found) = (ZooOutputs.Of(path, unseen), ZooOutputs.Of(folder.Output, unseen));
        var key = expected[0].Keys.First();
        var cosine = ZooOutputs.Cosine(expected, found, key);
        output.WriteLine($"{name}: {changes.Count(change => change.Skipped is null)} of {changes.Count} factorized, cosine of {key} {cosine:0.000} on {UnseenSamples} unseen samples, {result.Report.Ratios!.Size:0.0%} of the size");
        foreach (var reason in changes.Select(change => change.Skipped).OfType<string>().Distinct().Take(4))
            output.WriteLine($"  {reason}");
        Assert.InRange(cosine, leastCosine, 1.0001);
    }
}
