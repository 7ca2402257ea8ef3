using static Compress.Onnx.TensorProto.Types;

namespace Compress.Data;

/// <summary>The numbers of a file in its own element type, outermost axis first; the first axis counts the samples.</summary>
/// <param name="Type">The element type.</param>
/// <param name="Shape">The sizes.</param>
/// <param name="Values">An array of the .NET type that goes with <paramref name="Type"/>; bytes for bool.</param>
sealed record NumberArray(DataType Type, int[] Shape, Array Values)
{
    public bool IsFloating => Type is DataType.Float or DataType.Double or DataType.Float16;

    public override string ToString() => Describe(Type, Shape);

    /// <summary>Type and sizes as messages show them, e.g. <c>uint8[60000,28,28]</c>.</summary>
    public static string Describe(DataType type, int[] shape) =>
        $"{type.ToString().ToLowerInvariant()}[{string.Join(",", shape)}]";
}
