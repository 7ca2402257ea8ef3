using Compress.Data;
using Compress.Execution;
using Compress.Models;
using Compress.Onnx;
using static Compress.Benchmarks.LayerModels;

namespace Compress.Benchmarks;

/// <summary>
/// Times one convolution against its Tucker-2 factors in three forms: three convolutions; three matrix products of which the middle one is
/// over shifted copies of what the first gives (an im2col written out); and three matrix products over shifted copies of the input.
/// </summary>
static class ProductsRun
{
    static readonly TimeSpan Budget = TimeSpan.FromSeconds(4);

    static readonly (int Channels, int Side)[] Layers = [(64, 56), (128, 28), (256, 14), (512, 7)];

    public static void Print()
    {
        Console.WriteLine("| layer | ranks | threads | three convolutions | im2col behind the first product | im2col of the input | 1x1 convolution / product |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var (channels, side) in Layers)
        {
            var rank = (int)(0.6047 * channels) / 8 * 8;
            foreach (var threads in (int[])[1, 2])
            {
                var chain = Ratio(Convolution(channels, side, 3), Convolutions(channels, side, rank), channels, side, threads);
                var behind = Ratio(Convolution(channels, side, 3), Products(channels, side, rank, shiftInput: false), channels, side, threads);
                var first = Ratio(Convolution(channels, side, 3), Products(channels, side, rank, shiftInput: true), channels, side, threads);
                var pointwise = Ratio(Product(channels, side), Convolution(channels, side, 1), channels, side, threads);
                Console.WriteLine($"| 3x3, {channels} to {channels} channels, {side}x{side} | {rank}, {rank} | {threads} | {chain:0.00} | {behind:0.00} | {first:0.00} | {pointwise:0.00} |");
            }
        }
    }

    static double Ratio(Model before, Model after, int channels, int side, int threads)
    {
        using var one = Session.Open(before, new SessionSettings(threads));
        using var other = Session.Open(after, new SessionSettings(threads));
        var sample = new Dictionary<string, DataTensor> { ["x"] = DataTensor.Of(Normal(channels * side * side, 1), 1, channels, side, side) };
        return LatencyMeter.Ratio(one, other, sample, Budget).Ratio;
    }

    static Model Convolution(int channels, int side, int kernel)
    {
        var graph = Start(channels, side);
        graph.Initializer.Add(Weight("w", channels, channels, kernel, kernel));
        graph.Node.Add(Conv("x", "w", "y", kernel / 2));
        return Finish(graph);
    }

    static Model Convolutions(int channels, int side, int rank)
    {
        var graph = Start(channels, side);
        graph.Initializer.Add([Weight("in", rank, channels, 1, 1), Weight("core", rank, rank, 3, 3), Weight("out", channels, rank, 1, 1)]);
        graph.Node.Add([Conv("x", "in", "a", 0), Conv("a", "core", "b", 1), Conv("b", "out", "y", 0)]);
        return Finish(graph);
    }

    static Model Product(int channels, int side)
    {
        var graph = Start(channels, side);
        graph.Initializer.Add(Weight("w", channels, channels));
        Reshape(graph, "x", "rows", channels, side * side);
        graph.Node.Add(Op("MatMul", ["w", "rows"], "product"));
        Reshape(graph, "product", "y", 1, channels, side, side);
        return Finish(graph);
    }

    static Model Products(int channels, int side, int rank, bool shiftInput)
    {
        var graph = Start(channels, side);
        graph.Initializer.Add([Weight("in", rank, channels), Weight("core", rank, 9 * rank), Weight("out", channels, rank)]);
        if (shiftInput)
        {
            Shift(graph, "x", "shifted", side);
            Reshape(graph, "shifted", "columns", 9, channels, side * side);
            graph.Node.Add(Op("MatMul", ["in", "columns"], "a"));
            Reshape(graph, "a", "patches", 9 * rank, side * side);
        }
        else
        {
            Reshape(graph, "x", "columns", channels, side * side);
            graph.Node.Add(Op("MatMul", ["in", "columns"], "a"));
            Reshape(graph, "a", "image", 1, rank, side, side);
            Shift(graph, "image", "shifted", side);
            Reshape(graph, "shifted", "patches", 9 * rank, side * side);
        }

        graph.Node.Add([Op("MatMul", ["core", "patches"], "b"), Op("MatMul", ["out", "b"], "c")]);
        Reshape(graph, "c", "y", 1, channels, side, side);
        return Finish(graph);
    }

    /// <summary>Nine copies of an image, each moved to where the kernel position looks, one after another along the channels.</summary>
    static void Shift(GraphProto graph, string image, string result, int side)
    {
        graph.Initializer.Add([Longs("pads", 0, 0, 1, 1, 0, 0, 1, 1), Longs("axes", 2, 3)]);
        graph.Node.Add(Op("Pad", [image, "pads"], "padded"));
        var slices = new List<string>();
        for (var i = 0; i < 9; i++)
        {
            graph.Initializer.Add([Longs($"from{i}", i / 3, i % 3), Longs($"to{i}", (i / 3) + side, (i % 3) + side)]);
            graph.Node.Add(Op("Slice", ["padded", $"from{i}", $"to{i}", "axes"], $"slice{i}"));
            slices.Add($"slice{i}");
        }

        var concat = Op("Concat", slices, result);
        concat.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 1 });
        graph.Node.Add(concat);
    }
}
