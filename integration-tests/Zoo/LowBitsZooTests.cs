using Xunit.Abstractions;

namespace Compress.IntegrationTests.Zoo;

/// <summary>Weights of few bits on models that people ship.</summary>
public sealed class LowBitsZooTests(ITestOutputHelper output)
{
    const int CalibrationSamples = 24;
    const int UnseenSamples = 24;

    [Theory]
    [InlineData("MiniLM", "int4", 0.95, 0.18)]
    [InlineData("MiniLM", "{ as: int4, form: standard }", 0.95, 0.18)]
    [InlineData("MiniLM", "{ as: int4, by: mse }", 0.95, 0.18)]
    [InlineData("MiniLM", "{ as: int4, by: nearest }", 0.95, 0.18)]
    [InlineData("MiniLM", "{ as: int4, symmetric: true, block: 64 }", 0.9, 0.16)]
    [InlineData("Arctic-XS", "int4", 0.95, 0.18)]
    public async Task Int4_stores_dense_layers_and_tables(string name, string quantize, double leastCosine, double mostSize)
    {
        using var zoo = await ZooCompression.Of(name, CalibrationSamples, UnseenSamples);

        var (report, found) = zoo.Run($"{{ match: \"*\", quantize: {quantize} }}");

        foreach (var skipped in report.Layers.SelectMany(layer => layer.Techniques).Where(change => change.Skipped is not null))
            output.WriteLine($"  {skipped.Layer}: {skipped.Skipped}");
        var cosines = zoo.Expected[0].Keys.ToDictionary(key => key, key => ZooOutputs.Cosine(zoo.Expected, found, key));
        output.WriteLine($"{name}, {quantize}: cosine {string.Join(", ", cosines.Select(entry => $"{entry.Value:0.0000} of {entry.Key}"))} on {UnseenSamples} unseen samples, {zoo.Size:0.0%} of the size, {report.Seconds.Values.Sum():0.0} s");
        Assert.All(cosines.Values, cosine => Assert.InRange(cosine, leastCosine, 1.0001));
        Assert.InRange(zoo.Size, 0, mostSize);
    }
}
