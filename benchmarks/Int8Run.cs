using Compress.Models;
using Compress.Onnx;
using static Compress.Benchmarks.LayerModels;

namespace Compress.Benchmarks;

/// <summary>Times int8 against float32, on models and on single layers, calibrated on random numbers: speed does not depend on what they are.</summary>
static class Int8Run
{
    static readonly TimeSpan Budget = TimeSpan.FromSeconds(3);

    const int Links = 8;

    public static void Print(IReadOnlyList<string> models)
    {
        Console.WriteLine("| model | layers in int8 | crossings | size | one thread | two threads |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var model in models)
        {
            var parts = model.Split('@');
            Row(Path.GetFileNameWithoutExtension(parts[0]), parts[0], parts[1..].Select(part => part.Split('=')).ToDictionary(part => part[0], part => part[1].Split(',').Select(int.Parse).ToArray()));
        }

        Console.WriteLine();
        Console.WriteLine("| eight layers; MatMul: one | layers in int8 | crossings | size | one thread | two threads |");
        Console.WriteLine("|---|---|---|---|---|---|");
        var folder = Directory.CreateTempSubdirectory("compress-int8-").FullName;
        try
        {
            foreach (var (name, model) in Layers())
            {
                var path = Path.Combine(folder, "layer.onnx");
                model.Save(path);
                Row(name, path, []);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Row(string name, string path, Dictionary<string, int[]> shapes)
    {
        var folder = Directory.CreateTempSubdirectory("compress-int8-").FullName;
        try
        {
            var policy = Path.Combine(folder, "compress.yaml");
            File.WriteAllText(policy, "version: 1\ndata: { calibration: { random: 8, shapes: { " + string.Join(", ", shapes.Select(shape => $"{shape.Key}: [{string.Join(", ", shape.Value)}]")) + " } } }\nlayers: [{ match: \"*\", quantize: { as: int8, repair: none } }]\n");
            var run = TimedRun.Of(new CompressionRequest(policy) { ModelPath = path, OutputPath = Path.Combine(folder, "out.onnx") });
            var int8 = run.Report.Int8!;
            Console.WriteLine($"| {name} | {int8.IntegerLayers} of {int8.IntegerLayers + int8.FloatLayers} | {int8.Crossings} | {run.Report.Ratios!.Size:0%} | {Ratio(path, run.Output, shapes, 1)} | {Ratio(path, run.Output, shapes, 2)} |");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static string Ratio(string before, string after, Dictionary<string, int[]> shapes, int threads) =>
        FilePair.Latency(before, after, threads, Budget, out _, shapes) is { } latency ? $"{latency.Ratio:0.00}" : "-";

    static IEnumerable<(string Name, Model Model)> Layers()
    {
        foreach (var (channels, side) in ((int, int)[])[(16, 28), (64, 56), (256, 14)])
        {
            yield return ($"Conv 3x3, {channels} channels, {side}x{side}", Chain(channels, side, kernel: 3, groups: 1));
            yield return ($"Conv 1x1, {channels} channels, {side}x{side}", Chain(channels, side, kernel: 1, groups: 1));
            yield return ($"Conv 3x3 depthwise, {channels} channels, {side}x{side}", Chain(channels, side, kernel: 3, channels));
        }

        foreach (var (size, rows) in ((int, int)[])[(256, 1), (1024, 1), (384, 64), (1024, 64)])
        {
            var graph = new GraphProto { Name = "layer", Input = { Info("x", rows, size) }, Output = { Info("y", rows, size) }, Initializer = { Weight("w", size, size) }, Node = { Op("MatMul", ["x", "w"], "y") } };
            yield return ($"MatMul, {size} to {size}, {rows} rows", Finish(graph));
        }
    }

    /// <summary>Eight convolutions of a kind, each with a Relu: the last gives float.</summary>
    static Model Chain(int channels, int side, int kernel, int groups)
    {
        var graph = Start(channels, side);
        for (var i = 0; i < Links; i++)
        {
            graph.Initializer.Add(Weight($"w{i}", channels, channels / groups, kernel, kernel));
            var conv = Conv(i == 0 ? "x" : $"r{i - 1}", $"w{i}", $"c{i}", kernel / 2);
            conv.Attribute.Add(new AttributeProto { Name = "group", Type = AttributeProto.Types.AttributeType.Int, I = groups });
            graph.Node.Add([conv, Op("Relu", [$"c{i}"], i == Links - 1 ? "y" : $"r{i}")]);
        }

        return Finish(graph);
    }
}
