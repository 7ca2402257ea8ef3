using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Compress.IntegrationTests.Support;

/// <summary>
/// A model that looks up four rows of a table and multiplies them by one square matrix after another. It is written byte by byte, so that
/// what is tested reads files that it did not write.
/// </summary>
static class MadeUpModel
{
    /// <param name="path">The model's file; external data goes to the same name with <c>_data</c>.</param>
    /// <param name="matrices">How many weights, the table among them.</param>
    /// <param name="width">Rows and columns of each.</param>
    /// <param name="external">Whether weights lie outside.</param>
    public static void Write(string path, int matrices, int width, bool external)
    {
        var weight = Noise(width);
        var graph = new MemoryStream();
        using (var data = external ? File.Create(path + "_data") : Stream.Null)
        {
            for (var i = 0; i < matrices; i++)
            {
                Field(graph, 1, i == 0 ? Node("Gather", "w0", "ids", "h0") : Node("MatMul", $"h{i - 1}", $"w{i}", $"h{i}"));
                Field(graph, 5, external ? Outside(i, width, System.IO.Path.GetFileName(path) + "_data") : Inside(i, width, weight));
                data.Write(weight);
            }
        }

        Field(graph, 2, Text("graph"));
        Field(graph, 11, Value("ids", type: 7, 1, 4));
        Field(graph, 12, Value($"h{matrices - 1}", type: 1, 1, 4, width));
        var opset = Message(to => Number(to, 2, 17));
        File.WriteAllBytes(path, Message(to =>
        {
            Number(to, 1, 8);
            Field(to, 7, graph.ToArray());
            Field(to, 8, opset);
        }));
    }

    static byte[] Noise(int width)
    {
        var random = new Random(1);
        var values = new float[width * width];
        foreach (ref var value in values.AsSpan())
            value = (float)((random.NextDouble() - 0.5) * 3.4 / Math.Sqrt(width));
        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }

    static byte[] Node(string op, string one, string other, string output) => Message(to =>
    {
        Field(to, 1, Text(one));
        Field(to, 1, Text(other));
        Field(to, 2, Text(output));
        Field(to, 4, Text(op));
    });

    static byte[] Inside(int index, int width, byte[] values) => Message(to =>
    {
        Tensor(to, index, width);
        Field(to, 9, values);
    });

    static byte[] Outside(int index, int width, string file) => Message(to =>
    {
        Tensor(to, index, width);
        var length = 4L * width * width;
        foreach (var (key, value) in ((string, string)[])[("location", file), ("offset", Invariant(length * index)), ("length", Invariant(length))])
        {
            Field(to, 13, Message(entry =>
            {
                Field(entry, 1, Text(key));
                Field(entry, 2, Text(value));
            }));
        }

        Number(to, 14, 1);
    });

    static void Tensor(Stream to, int index, int width)
    {
        Number(to, 1, width);
        Number(to, 1, width);
        Number(to, 2, 1);
        Field(to, 8, Text($"w{index}"));
    }

    static byte[] Value(string name, int type, params int[] sizes) => Message(to =>
    {
        Field(to, 1, Text(name));
        Field(to, 2, Message(outer => Field(outer, 1, Message(tensor =>
        {
            Number(tensor, 1, type);
            Field(tensor, 2, Message(shape => Array.ForEach(sizes, size => Field(shape, 1, Message(dimension => Number(dimension, 1, size))))));
        }))));
    });

    static byte[] Message(Action<MemoryStream> write)
    {
        var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);

    static void Field(Stream to, int number, byte[] bytes)
    {
        Varint(to, (number << 3) | 2);
        Varint(to, bytes.Length);
        to.Write(bytes);
    }

    static void Number(Stream to, int number, long value)
    {
        Varint(to, number << 3);
        Varint(to, value);
    }

    static void Varint(Stream to, long value)
    {
        for (; value > 127; value >>= 7)
            to.WriteByte((byte)(value | 128));
        to.WriteByte((byte)value);
    }
}
