using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Rewriting;

/// <summary>
/// Removes what quantizes again what was only just dequantized, with the same scale and zero point: it gives back the integers that were there. Models
/// that were quantized operator by operator have such pairs between their layers.
/// </summary>
public sealed class QuantizerPairRemoval : IRewrite
{
    public string Name => "nothing is dequantized only to be quantized again";

    public int Apply(Model model) => model.Graph.WithBodies().ToArray().Sum(Apply);

    static int Apply(Graph graph)
    {
        var removed = 0;
        foreach (var quantize in graph.Nodes.Where(node => node.IsQuantizer).ToArray())
        {
            if (graph.Producer(quantize.Input(0)) is { IsDequantizer: true } dequantize && AreInverse(graph, quantize, dequantize) && graph.Bypass(quantize, dequantize.Input(0)))
                removed++;
        }

        return removed;
    }

    /// <summary>Products of scales with up to 16 bits are exact enough in float32 for the rounding to find the same integer.</summary>
    static bool AreInverse(Graph graph, Node quantize, Node dequantize) =>
        quantize.Int("axis", 1) == dequantize.Int("axis", 1) && quantize.Int("block_size") == 0 && dequantize.Int("block_size") == 0
        && AreSame(graph, quantize.Input(1), dequantize.Input(1)) && AreSame(graph, quantize.Input(2), dequantize.Input(2))
        && graph.Initializer(quantize.Input(2))?.Type is DataType.Uint8 or DataType.Int8 or DataType.Uint16 or DataType.Int16;

    static bool AreSame(Graph graph, string one, string other) => one.Length > 0
        && (one == other || (graph.Initializer(one) is { } a && graph.Initializer(other) is { } b && a.Type == b.Type && a.Shape.AsSpan().SequenceEqual(b.Shape) && HaveSameBytes(a, b)));

    static bool HaveSameBytes(Tensor a, Tensor b) => a.Type switch
    {
        DataType.Float => a.Values<float>().SequenceEqual(b.Values<float>()),
        DataType.Uint8 => a.Values<byte>().SequenceEqual(b.Values<byte>()),
        DataType.Int8 => a.Values<sbyte>().SequenceEqual(b.Values<sbyte>()),
        DataType.Uint16 => a.Values<ushort>().SequenceEqual(b.Values<ushort>()),
        DataType.Int16 => a.Values<short>().SequenceEqual(b.Values<short>()),
        _ => false,
    };
}
