using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Layers;

/// <summary>Weights that are stored several to a byte, as what they stand for.</summary>
static class PackedWeights
{
    const int PerByte = 2;

    /// <summary>The bytes that a node reads, and the matrix that they stand for, which has sizes and no numbers; null for other nodes.</summary>
    public static (Tensor Stored, Tensor Meaning)? Of(Graph graph, Node node)
    {
        if (node.Domain == Node.RuntimeDomain && node.OpType == "MatMulNBits")
            return graph.Initializer(node.Input(1)) is { } stored ? (stored, Tensor.Described(stored.Name, DataType.Uint4, (int)node.Int("K"), (int)node.Int("N"))) : null;
        if (node.Domain == Node.RuntimeDomain && node.OpType == "GatherBlockQuantized")
            return graph.Initializer(node.Input(0)) is { Type: DataType.Uint8, Shape.Length: 2 } packed ? (packed, Rows(packed)) : null;
        return IsTable(graph, node) ? (graph.Initializer(node.Input(0))!, Rows(graph.Initializer(node.Input(0))!)) : null;
    }

    /// <summary>Whether a node looks up rows of two numbers a byte, which standard operators take apart.</summary>
    static bool IsTable(Graph graph, Node node) =>
        node.Is("Gather") && node.Int("axis") == 0 && graph.Initializer(node.Input(0)) is { Type: DataType.Uint8, Shape.Length: 2 }
        && graph.Consumers(node.Output()) is { Count: 2 } readers && readers.Any(reader => reader.Is("BitwiseAnd")) && readers.Any(reader => reader.Is("BitShift"));

    /// <summary>Whether a constant describes packed weights to the node that reads it.</summary>
    public static bool IsScale(Graph graph, Tensor tensor, Node reader)
    {
        if (reader.Domain == Node.RuntimeDomain && reader.OpType is "MatMulNBits")
            return reader.Input(2) == tensor.Name;
        if (reader.Domain == Node.RuntimeDomain && reader.OpType is "GatherBlockQuantized")
            return reader.Input(2) == tensor.Name;
        return reader.Is("Gather") && tensor.Shape is [_, _, 1] && graph.Consumers(reader.Input(1)).Any(other => other != reader && IsTable(graph, other));
    }

    static Tensor Rows(Tensor packed) => Tensor.Described(packed.Name, DataType.Uint4, packed.Shape[0], packed.Shape[1] * PerByte);
}
