using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Compress.Execution;

/// <summary>A tensor that a run gave, copied out of the runtime's memory.</summary>
/// <param name="Type">The element type, as the runtime tells it.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Bytes">Its elements as they lie in memory; strings are UTF-8 with a zero byte between them.</param>
sealed record TensorCopy(TensorElementType Type, long[] Shape, byte[] Bytes)
{
    /// <summary>Type and sizes, e.g. <c>float[1,5]</c>.</summary>
    public string Form => $"{Type.ToString().ToLowerInvariant()}[{string.Join(",", Shape)}]";

    /// <summary>The copy of a value; null where it is no tensor.</summary>
    public static TensorCopy? Of(OrtValue value)
    {
        if (!value.IsTensor)
            return null;
        var info = value.GetTensorTypeAndShape();
        byte[] bytes = info.ElementDataType == TensorElementType.String
            ? System.Text.Encoding.UTF8.GetBytes(string.Join('\0', value.GetStringTensorAsArray()))
            : value.GetTensorMutableRawData().ToArray();
        return new TensorCopy(info.ElementDataType, info.Shape, bytes);
    }
}
