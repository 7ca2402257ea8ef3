using static Compress.Onnx.TensorProto.Types;

namespace Compress.Data;

/// <summary>What a file declares about the numbers that follow; nothing of it is to be believed until they are there.</summary>
/// <param name="Type">The element type.</param>
/// <param name="Shape">The sizes, none of them negative.</param>
/// <param name="IsBigEndian">Whether the most significant byte comes first.</param>
/// <param name="IsFortranOrder">Whether the first index runs fastest.</param>
sealed record ArrayHeader(DataType Type, int[] Shape, bool IsBigEndian, bool IsFortranOrder = false)
{
    public override string ToString() => NumberArray.Describe(Type, Shape);
}
