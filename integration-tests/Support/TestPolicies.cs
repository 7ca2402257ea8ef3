using System.Buffers.Binary;

namespace Compress.IntegrationTests.Support;

/// <summary>Tiny policies and their data.</summary>
static class TestPolicies
{
    /// <summary>Needs no data and takes a moment. Its gate stands at line 6, column 3.</summary>
    public const string Svd = """
        version: 1
        layers:
          - match: { op: Gemm }
            svd: 0.25
        gates:
          size: { max: 90% }

        """;

    /// <summary>Reads three data files. <c>quantize</c> stands at line 7, column 5.</summary>
    public const string Int8 = """
        version: 1
        data:
          calibration: { idx: data/calibration.idx3-ubyte, scale: 1/255, take: 16 }
          evaluation: { idx: data/test.idx3-ubyte, labels: data/labels.idx1-ubyte, scale: 1/255 }
        layers:
          - match: "*"
            quantize: int8
        gates:
          top1: { max-drop: 100% }

        """;

    public static readonly string[] Int8Data = ["data/calibration.idx3-ubyte", "data/test.idx3-ubyte", "data/labels.idx1-ubyte"];

    /// <summary>Writes the data of <see cref="Int8"/>: noise in the shape of Fashion-MNIST.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="policyFolder">Where the policy is, relative to it.</param>
    public static TestFolder WithInt8Data(this TestFolder folder, string policyFolder)
    {
        folder.Write($"{policyFolder}/{Int8Data[0]}", Idx(32, 28, 28));
        folder.Write($"{policyFolder}/{Int8Data[1]}", Idx(32, 28, 28));
        return folder.Write($"{policyFolder}/{Int8Data[2]}", Idx(32));
    }

    static byte[] Idx(params int[] shape)
    {
        var header = 4 + (4 * shape.Length);
        var bytes = new byte[header + shape.Aggregate(1, (size, next) => size * next)];
        bytes[2] = 8;
        bytes[3] = (byte)shape.Length;
        for (var axis = 0; axis < shape.Length; axis++)
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + (4 * axis)), shape[axis]);
        for (var i = header; i < bytes.Length; i++)
            bytes[i] = (byte)(shape.Length == 1 ? i % 10 : i * 2654435761 >> 8);
        return bytes;
    }
}
