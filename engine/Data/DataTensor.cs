using static Compress.Onnx.TensorProto.Types;

namespace Compress.Data;

/// <summary>Numbers in managed memory, ready to be fed to a model.</summary>
/// <param name="Type">The element type.</param>
/// <param name="Shape">The sizes, the batch first.</param>
/// <param name="Values">An array of the .NET type that goes with <paramref name="Type"/>, as long as the product of the sizes.</param>
public sealed record DataTensor(DataType Type, int[] Shape, Array Values)
{
    public static DataTensor Of(float[] values, params int[] shape) => new(DataType.Float, shape, values);
}
