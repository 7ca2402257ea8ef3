using Compress.Layers;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Pruning.Dependencies;

/// <summary>Takes some indices along an axis out of a constant of any plain type.</summary>
static class TensorSelection
{
    public static bool CanSelect(Tensor tensor) => tensor.Type is DataType.Float or DataType.Double or DataType.Float16 or DataType.Int64
        or DataType.Int32 or DataType.Int8 or DataType.Uint8 or DataType.Bool;

    /// <summary>The entries at the kept indices, in their order.</summary>
    /// <exception cref="ArgumentException">The type is none of those that can be selected from.</exception>
    public static Tensor Select(Tensor tensor, int axis, int[] kept) => tensor.Type switch
    {
        DataType.Float => Select<float>(tensor, axis, kept),
        DataType.Double => Select<double>(tensor, axis, kept),
        DataType.Float16 => Select<Half>(tensor, axis, kept),
        DataType.Int64 => Select<long>(tensor, axis, kept),
        DataType.Int32 => Select<int>(tensor, axis, kept),
        DataType.Int8 => Select<sbyte>(tensor, axis, kept),
        DataType.Uint8 => Select<byte>(tensor, axis, kept),
        DataType.Bool => Select<bool>(tensor, axis, kept),
        _ => throw new ArgumentException($"'{tensor.Name}' holds {tensor.Type}", nameof(tensor)),
    };

    static Tensor Select<T>(Tensor tensor, int axis, int[] kept)
        where T : unmanaged
    {
        var shape = tensor.Shape;
        var inner = Cost.Count(shape.AsSpan(axis + 1));
        var stride = shape[axis] * inner;
        var outer = stride == 0 ? 0 : (int)(tensor.Count / stride);
        var source = tensor.Values<T>();
        var target = new T[outer * kept.Length * inner];
        for (var o = 0; o < outer; o++)
        {
            for (var k = 0; k < kept.Length; k++)
                source.Slice((o * stride) + (kept[k] * inner), inner).CopyTo(target.AsSpan(((o * kept.Length) + k) * inner));
        }

        shape[axis] = kept.Length;
        return Tensor.Of<T>(tensor.Name, target, shape);
    }
}
