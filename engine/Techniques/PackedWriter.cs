using Compress.Layers;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Techniques;

/// <summary>Stores small integers several to a byte, with the standard operators that take them apart when the model is loaded; see <see cref="PackedIntegers"/>.</summary>
sealed class PackedWriter
{
    /// <summary>The first opset whose Slice takes its ends as inputs.</summary>
    public const int LeastOpset = 10;

    const int BitsOfByte = 8;

    readonly Dictionary<(Graph Graph, int Bits, bool AreSigns), string> tables = [];

    /// <summary>The fewest bits that hold a number of values and divide a byte: 1, 2, 4 or 8.</summary>
    public static int BitsFor(int values) => values <= 2 ? 1 : values <= 4 ? 2 : values <= 16 ? 4 : BitsOfByte;

    /// <summary>Adds the bytes, and the nodes from them to integers of another type, to a graph.</summary>
    /// <param name="home">The graph.</param>
    /// <param name="before">The node before which they stand; null puts them first.</param>
    /// <param name="name">A stem for names.</param>
    /// <param name="values">Less than 2^bits; of signs, 1 for +1 and 0 for −1.</param>
    /// <param name="shape">Their sizes.</param>
    /// <param name="bits">1, 2 or 4.</param>
    /// <param name="to">The type that they get.</param>
    /// <param name="areSigns">Whether one bit stands for −1 or +1.</param>
    /// <returns>The tensor of integers.</returns>
    public string Write(Graph home, Node? before, string name, ReadOnlySpan<byte> values, ReadOnlySpan<int> shape, int bits, DataType to, bool areSigns = false)
    {
        var nodes = new List<Node>();
        var bytes = Pack(values, bits);
        var index = Make("Cast", "bytes", [home.Add(Tensor.Of<byte>(home.Fresh(name + "_packed"), bytes, bytes.Length))], cast => cast.With("to", (long)DataType.Int32));
        var flat = Make("Reshape", "flat", [Make("Gather", "unpacked", [TableOf(home, bits, areSigns), index]), Sizes("all", [-1])]);
        if (values.Length * bits % BitsOfByte != 0)
            flat = Make("Slice", "part", [flat, Sizes("start", [0]), Sizes("end", [values.Length])]);
        var shaped = Make("Reshape", "shaped", [flat, Sizes("shape", [.. shape.ToArray().Select(size => (long)size)])]);
        var output = Make("Cast", "integers", [shaped], cast => cast.With("to", (long)to));
        if (before is null)
            home.InsertFirst([.. nodes]);
        else
            home.InsertBefore(before, [.. nodes]);
        return output;

        string Make(string op, string stem, string[] inputs, Action<Node>? set = null)
        {
            var made = Node.Create(op, home.Fresh($"{name}/{stem}"), inputs, [home.Fresh($"{name}_{stem}")]);
            set?.Invoke(made);
            nodes.Add(made);
            return made.Output();
        }

        string Sizes(string stem, long[] sizes) => home.Add(Tensor.Of<long>(home.Fresh($"{name}_{stem}"), sizes, sizes.Length));
    }

    /// <summary>The first value in the lowest bits of the first byte.</summary>
    static byte[] Pack(ReadOnlySpan<byte> values, int bits)
    {
        var perByte = BitsOfByte / bits;
        var bytes = new byte[(values.Length + perByte - 1) / perByte];
        for (var i = 0; i < values.Length; i++)
            bytes[i / perByte] |= (byte)(values[i] << (i % perByte * bits));
        return bytes;
    }

    /// <summary>What is in each byte, one table for all weights of a graph.</summary>
    string TableOf(Graph home, int bits, bool areSigns)
    {
        if (tables.TryGetValue((home, bits, areSigns), out var table))
            return table;
        var perByte = BitsOfByte / bits;
        var mask = (1 << bits) - 1;
        sbyte[] values = [.. Enumerable.Range(0, 256 * perByte).Select(i => (i / perByte) >> (i % perByte * bits) & mask).Select(value => (sbyte)(areSigns ? (2 * value) - 1 : value))];
        table = home.Add(Tensor.Of<sbyte>(home.Fresh(areSigns ? "signs_of_bytes" : $"uint{bits}_of_bytes"), values, PackedIntegers.TableShape(bits)));
        tables.Add((home, bits, areSigns), table);
        return table;
    }
}
