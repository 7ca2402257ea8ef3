using System.Runtime.InteropServices;
using Compress.Data;
using Microsoft.ML.OnnxRuntime;

namespace Compress.Execution;

static class OrtTensors
{
    /// <summary>A view of managed numbers; they stay pinned until it is disposed.</summary>
    public static OrtValue ToOrtValue(DataTensor tensor)
    {
        var shape = Array.ConvertAll(tensor.Shape, size => (long)size);
        return tensor.Values switch
        {
            float[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            double[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            long[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            int[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            byte[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            sbyte[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            short[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            ushort[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            uint[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            ulong[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            // ONNX Runtime has a half type of its own, with the same bits.
            Half[] values => OrtValue.CreateTensorValueFromMemory(MemoryMarshal.Cast<Half, Float16>(values).ToArray(), shape),
            bool[] values => OrtValue.CreateTensorValueFromMemory(values, shape),
            _ => throw new ArgumentException($"{tensor.Values.GetType()} cannot be fed to a model", nameof(tensor)),
        };
    }
}
