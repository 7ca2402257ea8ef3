using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Layers;

/// <summary>
/// Small integers that are stored several to a byte and taken apart by standard operators: Cast → Gather of a table, whose 256 rows hold what is in a
/// byte → Reshape → Slice, where the last byte is not full → Reshape → Cast. All of it is constant, and computed once when the model is loaded.
/// </summary>
static class PackedIntegers
{
    /// <summary>Nodes from the bytes on.</summary>
    const int MostNodes = 6;

    /// <summary>The sizes of the table; with three axes it is no table of embeddings.</summary>
    public static int[] TableShape(int bits) => [256, 8 / bits, 1];

    /// <summary>The bytes behind the last node of such a chain, and the tensor that they stand for, which has sizes and no numbers; null for other nodes.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="cast">The last node.</param>
    public static (Tensor Stored, Tensor Meaning)? Behind(Graph graph, Node? cast)
    {
        if (cast is null || !cast.Is("Cast") || Before(cast) is not { } reshape || !reshape.Is("Reshape"))
            return null;
        var flat = Before(reshape) is { } slice && slice.Is("Slice") ? Before(slice) : Before(reshape);
        if (flat is null || !flat.Is("Reshape") || Before(flat) is not { } lookup || !lookup.Is("Gather")
            || graph.Initializer(lookup.Input(0)) is not { Type: DataType.Int8, Shape: [256, var perByte, 1] } table)
        {
            return null;
        }

        // Signs are negative or positive; indices are never negative.
        var type = table.Values<sbyte>().Contains((sbyte)-1) ? DataType.Int8 : DataType.Uint8;
        return graph.Producer(lookup.Input(1)) is { } index && graph.Initializer(index.Input(0)) is { Type: DataType.Uint8 } stored
            && graph.Initializer(reshape.Input(1)) is { } shape
            ? (stored, Tensor.Described(stored.Name, type, 8 / perByte, [.. shape.Integers().Select(size => (int)size)]))
            : null;

        Node? Before(Node node) => graph.Producer(node.Input(0));
    }

    /// <summary>As <see cref="Behind"/>, for the node that multiplies signs with magnitudes.</summary>
    public static (Tensor Stored, Tensor Meaning)? BehindMagnitudes(Graph graph, Node node) =>
        node.Is("Mul") && Behind(graph, graph.Producer(node.Input(0))) is { Meaning.Type: DataType.Int8 } signs ? signs : null;

    /// <summary>What bytes stand for; null where they are not packed.</summary>
    public static Tensor? MeaningOf(Graph graph, Tensor bytes)
    {
        var tensor = bytes.Name;
        for (var i = 0; i < MostNodes; i++)
        {
            if (graph.Consumers(tensor) is not [var next])
                return null;
            if (i > 0 && next.Is("Cast"))
                return Behind(graph, next) is { } found && found.Stored == bytes ? found.Meaning : null;
            tensor = next.Output();
        }

        return null;
    }
}
