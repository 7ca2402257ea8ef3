using Xunit.Abstractions;

namespace Compress.IntegrationTests.Zoo;

/// <summary>Real models in 16 bits, on samples that calibration does not see.</summary>
public sealed class HalfPrecisionZooTests(ITestOutputHelper output)
{
    const int CalibrationSamples = 4;
    const int UnseenSamples = 8;

    [Theory]
    [InlineData("MiniLM", "fp16", 0.9999)]
    [InlineData("MiniLM", "{ as: fp16, activations: none }", 0.9999)]
    [InlineData("MiniLM", "bf16", 0.999)]
    [InlineData("ResNet-18", "fp16", 0.9999)]
    public async Task A_model_takes_half_of_its_size_and_gives_the_same(string name, string settings, double cosine)
    {
        using var zoo = await ZooCompression.Of(name, CalibrationSamples, UnseenSamples);

        var (report, found) = zoo.Run($"{{ match: \"*\", quantize: {settings} }}");

        foreach (var change in report.Layers.SelectMany(layer => layer.Techniques).GroupBy(change => change.Skipped ?? change.Settings))
            output.WriteLine($"  {change.Count()} layers: {change.Key}; weight error at most {change.Max(one => one.Error):0.00000}");
        foreach (var key in zoo.Expected[0].Keys)
            output.WriteLine($"{name} {settings}: cosine of {key} {ZooOutputs.Cosine(zoo.Expected, found, key):0.000000} on {UnseenSamples} unseen samples, {zoo.Size:0.0%} of the size, {report.Seconds.Values.Sum():0.0} s");
        Assert.All(zoo.Expected[0].Keys, key => Assert.InRange(ZooOutputs.Cosine(zoo.Expected, found, key), cosine, 1));
        Assert.InRange(zoo.Size, 0, 0.51);
    }
}
