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
        using var zoo = await ZooCompression.Of("ResNet-18", CalibrationSamples, UnseenSamples);
        var features = zoo.Expected[0].Keys.Single();
        var (plain, aware) = (Loss("speedup: 2, data-aware: false"), Loss("speedup: 2"));

        Assert.InRange(aware, 0, plain / 2);
        // The same multiply-accumulates, spread over the layers by what each loses.
        Assert.InRange(Loss("rank: budget", "factorize-budget: { macs: 51.2% }"), 0, aware);

        double Loss(string ranks, string more = "")
        {
            var (report, found) = zoo.Run($"{{ match: {{ op: Conv, kernel: 3x3 }}, tucker: {{ {ranks} }} }}\n{more}");
            var loss = 1 - ZooOutputs.Cosine(zoo.Expected, found, features);
            output.WriteLine($"{ranks}: 1 - cosine {loss:0.0000} on {UnseenSamples} unseen pictures, {report.Ratios!.Macs:0.0%} of the MACs, {report.Seconds["tucker"]:0.0} s");
            foreach (var change in report.Layers.SelectMany(layer => layer.Techniques))
                output.WriteLine($"  {change.Layer}: {change.Settings} {change.Skipped} {change.ErrorBefore:0.000} -> {change.Error:0.000}");
            return loss;
        }
    }

    [Theory]
    [InlineData("MiniLM", 0.7)]
    [InlineData("PP-OCRv4 recognition", 0.7)]
    [InlineData("PP-OCR direction", 0)]
    public async Task Dense_layers_are_factorized_or_skipped_with_a_reason(string name, double leastCosine)
    {
        using var zoo = await ZooCompression.Of(name, CalibrationSamples, UnseenSamples);

        var (report, found) = zoo.Run("{ match: { op: Gemm }, svd: { energy: 99% } }", "{ match: { op: MatMul }, svd: { energy: 99% } }");

        var changes = report.Layers.SelectMany(layer => layer.Techniques).ToList();
        Assert.NotEmpty(changes);
        var key = zoo.Expected[0].Keys.First();
        var cosine = ZooOutputs.Cosine(zoo.Expected, found, key);
        output.WriteLine($"{name}: {changes.Count(change => change.Skipped is null)} of {changes.Count} factorized, cosine of {key} {cosine:0.000} on {UnseenSamples} unseen samples, {report.Ratios!.Size:0.0%} of the size");
        foreach (var reason in changes.Select(change => change.Skipped).OfType<string>().Distinct().Take(4))
            output.WriteLine($"  {reason}");
        Assert.InRange(cosine, leastCosine, 1.0001);
    }
}
