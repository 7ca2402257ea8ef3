using System.Runtime.InteropServices;
using Compress.Data;
using Microsoft.ML.OnnxRuntime;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Execution;

static class OrtTensors
{
    /// <summary>A view of managed numbers; they stay pinned until it is disposed.</summary>
    public static OrtValue ToOrtValue(DataTensor tensor)
    {
        var shape = Array.ConvertAll(tensor.Shape, size => (long)size);
        var values = tensor.Values;
        // By the declared type: a pattern such as byte[] would also match sbyte[].
        return tensor.Type switch
        {
            DataType.Float => OrtValue.CreateTensorValueFromMemory((float[])values, shape),
            DataType.Double => OrtValue.CreateTensorValueFromMemory((double[])values, shape),
            DataType.Int64 => OrtValue.CreateTensorValueFromMemory((long[])values, shape),
            DataType.Int32 => OrtValue.CreateTensorValueFromMemory((int[])values, shape),
            DataType.Uint8 => OrtValue.CreateTensorValueFromMemory((byte[])values, shape),
            DataType.Int8 => OrtValue.CreateTensorValueFromMemory((sbyte[])values, shape),
            DataType.Int16 => OrtValue.CreateTensorValueFromMemory((short[])values, shape),
            DataType.Uint16 => OrtValue.CreateTensorValueFromMemory((ushort[])values, shape),
            DataType.Uint32 => OrtValue.CreateTensorValueFromMemory((uint[])values, shape),
            DataType.Uint64 => OrtValue.CreateTensorValueFromMemory((ulong[])values, shape),
            // ONNX Runtime has a half type of its own, with the same bits.
            DataType.Float16 => OrtValue.CreateTensorValueFromMemory(MemoryMarshal.Cast<Half, Float16>((Half[])values).ToArray(), shape),
            DataType.Bool => OrtValue.CreateTensorValueFromMemory((bool[])values, shape),
            _ => throw new ArgumentException($"{tensor.Type} cannot be fed to a model", nameof(tensor)),
        };
    }
}
