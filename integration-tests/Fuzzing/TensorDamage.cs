using System.Runtime.InteropServices;
using Compress.Onnx;
using Google.Protobuf;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.IntegrationTests.Fuzzing;

/// <summary>Tensors whose sizes, types, bytes and numbers lie.</summary>
static class TensorDamage
{
    static readonly float[] Numbers = [0, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, -1, 1e20f];

    public static void Of(TensorProto tensor, Random random)
    {
        switch (random.Next(9))
        {
            case 0 when tensor.Dims.Count > 0:
                tensor.Dims[random.Next(tensor.Dims.Count)] = random.Extreme();
                break;
            case 1:
                var (size, count) = (random.Extreme(), random.Of([1, 2, 8, 100]));
                tensor.Dims.AddRange(Enumerable.Repeat(size, count));
                if (random.Chance(30))
                    tensor.Dims.Add(0);
                break;
            case 2:
                tensor.DataType = random.Chance(80) ? random.Next(30) : (int)random.Extreme();
                break;
            case 3:
                var bytes = tensor.RawData.ToByteArray();
                tensor.RawData = ByteString.CopyFrom(random.Chance(50) ? bytes[..random.Next(bytes.Length + 1)] : [.. bytes, .. new byte[random.Next(1, 20)]]);
                break;
            case 4:
                tensor.ClearRawData();
                if (random.Chance(50))
                    tensor.FloatData.AddRange(Enumerable.Repeat(1f, random.Next(100)));
                break;
            case 5:
                tensor.Int64Data.AddRange(Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Extreme()));
                tensor.Int32Data.Add((int)random.Extreme());
                break;
            case 6:
                tensor.StringData.Add(ByteString.CopyFrom(0xFF, 0x00));
                tensor.DataType = (int)DataType.String;
                break;
            case 7:
                tensor.Dims.Clear();
                break;
            default:
                SetNumbers(tensor, random);
                break;
        }
    }

    /// <summary>Numbers that the sizes of other tensors depend on, or that no sum survives.</summary>
    static void SetNumbers(TensorProto tensor, Random random)
    {
        var bytes = tensor.RawData.ToByteArray();
        if ((DataType)tensor.DataType == DataType.Int64 && bytes.Length >= 8)
            MemoryMarshal.Cast<byte, long>(bytes.AsSpan())[random.Next(bytes.Length / 8)] = random.Extreme();
        else if ((DataType)tensor.DataType == DataType.Float && bytes.Length >= 4)
            MemoryMarshal.Cast<byte, float>(bytes.AsSpan())[..random.Next(1, (bytes.Length / 4) + 1)].Fill(random.Of(Numbers));
        else if (tensor.Int64Data.Count > 0)
            tensor.Int64Data[random.Next(tensor.Int64Data.Count)] = random.Extreme();
        if (bytes.Length > 0)
            tensor.RawData = ByteString.CopyFrom(bytes);
    }
}
