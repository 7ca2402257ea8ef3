using Compress.IntegrationTests.Support;
using Compress.Models;
using Compress.Onnx;
using Compress.Rewriting;
using Compress.Rewriting.Opsets;
using Xunit.Abstractions;

namespace Compress.IntegrationTests.Zoo;

/// <summary>
/// Models that people ship, as other tools exported them: old opsets, weights in Constant nodes, free sizes, control flow, names like JSON.
/// </summary>
public sealed class ZooTests(ITestOutputHelper output)
{
    const int CalibrationSamples = 24;
    const int UnseenSamples = 12;

    public static TheoryData<string> Names => [.. ZooModel.All.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Rewriting_and_upgrading_keep_the_outputs(string name)
    {
        var zoo = ZooModel.Of(name);
        var path = await zoo.File();
        var samples = Enumerable.Range(1000, 2).Select(zoo.Sample).ToList();
        var expected = ZooOutputs.Of(path, samples);
        foreach (var opset in (int?[])[null, 13, OpsetUpgrade.Newest])
        {
            using var folder = new TemporaryModelFolder();
            using var model = Model.Load(path);
            Rewriter.Run(model);
            if (opset is { } target)
            {
                var upgrade = OpsetUpgrade.Run(model, target);
                Assert.True(upgrade.Succeeded, upgrade.Obstacles);
            }

            model.Save(folder.Output);
            var difference = ZooOutputs.Difference(expected, ZooOutputs.Of(folder.Output, samples));
            output.WriteLine($"{name}, {(opset is null ? "rewritten" : $"opset {opset}")}: {difference:g2}");
            Assert.InRange(difference, 0, 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Int8_gives_a_smaller_model_with_nearly_the_same_outputs(string name)
    {
        using var zoo = await ZooCompression.Of(name, CalibrationSamples, UnseenSamples);

        var (report, found) = zoo.Run("{ match: \"*\", quantize: int8 }");

        foreach (var skipped in report.Layers.SelectMany(layer => layer.Techniques).Where(change => change.Skipped is not null))
            output.WriteLine($"  {skipped.Layer}: {skipped.Skipped}");
        foreach (var diagnostic in report.Diagnostics)
            output.WriteLine($"  {diagnostic}");
        foreach (var key in zoo.Expected[0].Keys)
            output.WriteLine($"{name}: cosine of {key} {ZooOutputs.Cosine(zoo.Expected, found, key):0.0000} on {UnseenSamples} unseen samples, {zoo.Size:0.0%} of the size, {report.Seconds.Values.Sum():0.0} s");
        var model = ZooModel.Of(name);
        Assert.All(zoo.Expected[0].Keys, key => Assert.InRange(ZooOutputs.Cosine(zoo.Expected, found, key), model.Cosine, 1));
        Assert.InRange(zoo.Size, 0, model.Size);
    }

    [Theory]
    [InlineData("MiniLM", 0.98, 0.27)]
    [InlineData("Silero VAD", 0.98, 0.99)]
    public async Task Dynamic_int8_needs_no_calibration(string name, double leastCosine, double mostSize)
    {
        using var zoo = await ZooCompression.Of(name, CalibrationSamples, UnseenSamples);

        var (report, found) = zoo.Run("{ match: \"*\", quantize: dynamic }");

        foreach (var skipped in report.Layers.SelectMany(layer => layer.Techniques).Where(change => change.Skipped is not null).Take(5))
            output.WriteLine($"  {skipped.Layer}: {skipped.Skipped}");
        foreach (var key in zoo.Expected[0].Keys)
            output.WriteLine($"{name}: cosine of {key} {ZooOutputs.Cosine(zoo.Expected, found, key):0.0000} on {UnseenSamples} unseen samples, {zoo.Size:0.0%} of the size, {report.Seconds.Values.Sum():0.0} s");
        // Of MiniLM's outputs the last is the sentence's embedding; states of single tokens suffer from outliers.
        Assert.InRange(ZooOutputs.Cosine(zoo.Expected, found, zoo.Expected[0].Keys.Last()), leastCosine, 1.0001);
        Assert.InRange(zoo.Size, 0, mostSize);
        Assert.Contains(report.Layers.SelectMany(layer => layer.Techniques), change => change.Skipped is null && change.Op is "MatMul" or "LSTM");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Inspect_lists_every_layer_with_its_parameters(string name)
    {
        var path = await ZooModel.Of(name).File();
        var proto = ModelProto.Parser.ParseFrom(await File.ReadAllBytesAsync(path));
        var nodes = Nodes(proto.Graph).GroupBy(node => node.OpType).ToDictionary(group => group.Key, group => group.Count());

        var inspection = Compression.Inspect(path);

        output.WriteLine($"{name}: {inspection.Layers.Count} layers, {inspection.Model.Parameters:N0} parameters");
        foreach (var op in (string[])["Conv", "ConvTranspose", "Gemm", "LSTM"])
            Assert.Equal(nodes.GetValueOrDefault(op), inspection.Layers.Count(layer => layer.Op == op));
        Assert.Equal(inspection.Layers.Count, inspection.Layers.Select(layer => layer.Name).Distinct().Count());
        // Weights are nearly all there is in these files, four bytes each.
        Assert.InRange(inspection.Layers.Sum(layer => layer.Parameters) * 4.0 / new FileInfo(path).Length, 0.85, 1);
    }

    static IEnumerable<NodeProto> Nodes(GraphProto graph) => graph.Node.SelectMany(node =>
        node.Attribute.Where(attribute => attribute.G is not null).SelectMany(attribute => Nodes(attribute.G)).Prepend(node));
}
