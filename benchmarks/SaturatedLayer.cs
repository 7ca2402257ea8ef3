using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Benchmarks;

/// <summary>A Conv or Gemm between quantizers, and what a CPU without VNNI would make of it.</summary>
sealed class SaturatedLayer
{
    readonly sbyte[] weights;
    readonly float[] scales;
    readonly int[] kernel;
    readonly int[] pads;
    readonly int[] strides;
    readonly int channels;
    readonly int length;
    readonly byte zero;
    readonly bool isConv;

    SaturatedLayer(Graph graph, Node node)
    {
        var (input, dequantize) = (graph.Producer(node.Input(0))!, graph.Producer(node.Input(1))!);
        (Quantized, Output, isConv) = (input.Input(0), node.Output(), node.Is("Conv"));
        zero = graph.Initializer(input.Input(2))!.Values<byte>()[0];
        var weight = graph.Initializer(dequantize.Input(0))!;
        var perChannel = graph.Initializer(dequantize.Input(1))!.Floats();
        Outputs = weight.Shape[0];
        scales = new float[Outputs];
        for (var i = 0; i < Outputs; i++)
            scales[i] = perChannel[perChannel.Length > 1 ? i : 0] * graph.Initializer(input.Input(1))!.Floats()[0];
        channels = weight.Shape[1];
        kernel = isConv ? weight.Shape[2..] : [1, 1];
        pads = [.. (node.Ints("pads") ?? [0, 0, 0, 0]).Select(pad => (int)pad)];
        strides = [.. (node.Ints("strides") ?? [1, 1]).Select(stride => (int)stride)];
        // Channels stand next to each other, as kernels have them, so that pairs are neighbouring channels.
        length = (channels * kernel[0] * kernel[1] + PairSums.Lanes - 1) / PairSums.Lanes * PairSums.Lanes;
        weights = new sbyte[Outputs * length];
        var given = weight.Values<sbyte>();
        var taps = kernel[0] * kernel[1];
        for (var output = 0; output < Outputs; output++)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                for (var tap = 0; tap < taps; tap++)
                    weights[(output * length) + (tap * channels) + channel] = given[(((output * channels) + channel) * taps) + tap];
            }
        }
    }

    /// <summary>The uint8 tensor that the layer reads.</summary>
    public string Quantized { get; }

    public string Output { get; }

    public int Outputs { get; }

    /// <summary>Pairs of products that were added up, and those of them that hit a bound.</summary>
    public (long All, long Saturated) Pairs { get; private set; }

    /// <summary>The layers of a quantized model that run in kernels that add pairs; depthwise ones have kernels of their own.</summary>
    public static IReadOnlyList<SaturatedLayer> In(Graph graph) =>
    [
        .. graph.Nodes.Where(node => node.Is("Conv", "Gemm") && graph.Producer(node.Input(0)) is { IsDequantizer: true } && graph.Producer(node.Input(1)) is { IsDequantizer: true }
            && node.Int("group", 1) == 1 && (node.Is("Conv") || LayerCatalog.OutputAxis(node) == 0)).Select(node => new SaturatedLayer(graph, node)),
    ];

    /// <summary>What the layer gives where pairs saturate.</summary>
    /// <param name="result">Holds <see cref="Quantized"/> and <see cref="Output"/> for one batch.</param>
    public float[] Run(RunResult result)
    {
        var (shape, input) = (result.Shape(Quantized)!, result.Values<byte>(Quantized).ToArray());
        var output = result.Floats(Output).ToArray();
        var size = result.Shape(Output)!;
        var (height, width) = isConv ? (size[2], size[3]) : (1, 1);
        var (all, wrong) = (0L, 0L);
        Parallel.For(0, shape[0], sample =>
        {
            var row = new byte[length];
            var saturated = 0L;
            for (var position = 0; position < height * width; position++)
            {
                Fill(input, shape, sample, position / width, position % width, row);
                for (var channel = 0; channel < Outputs; channel++)
                    output[(((sample * Outputs) + channel) * height * width) + position] += scales[channel] * PairSums.Error(row, weights.AsSpan(channel * length, length), ref saturated);
            }

            Interlocked.Add(ref all, (long)height * width * Outputs * channels * kernel[0] * kernel[1] / 2);
            Interlocked.Add(ref wrong, saturated);
        });
        Pairs = (Pairs.All + all, Pairs.Saturated + wrong);
        return output;
    }

    void Fill(byte[] input, int[] shape, int sample, int y, int x, byte[] row)
    {
        var (height, width) = isConv ? (shape[2], shape[3]) : (1, 1);
        for (var tap = 0; tap < kernel[0] * kernel[1]; tap++)
        {
            var (top, left) = isConv ? ((y * strides[0]) + (tap / kernel[1]) - pads[0], (x * strides[1]) + (tap % kernel[1]) - pads[1]) : (0, 0);
            var isInside = top >= 0 && top < height && left >= 0 && left < width;
            for (var channel = 0; channel < channels; channel++)
                row[(tap * channels) + channel] = isInside ? input[(((((sample * channels) + channel) * height) + top) * width) + left] : zero;
        }
    }
}
