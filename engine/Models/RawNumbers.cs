using System.Runtime.InteropServices;
using Compress.Onnx;
using Google.Protobuf;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Models;

/// <summary>
/// Puts float32 numbers that a file holds in a field of their own type where they can be looked at without a copy, and where the copies
/// of a model share them. They take as many bytes in a file; integers, which a field of their own may hold in fewer, stay there.
/// </summary>
static class RawNumbers
{
    public static void Move(TensorProto tensor)
    {
        if (tensor.HasRawData || (DataType)tensor.DataType != DataType.Float || tensor.FloatData.Count == 0)
            return;
        var bytes = new byte[tensor.FloatData.Count * sizeof(float)];
        var numbers = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = tensor.FloatData[i];
        tensor.FloatData.Clear();
        tensor.FloatData.Capacity = 0;
        tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
    }
}
