using System.Numerics.Tensors;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Data;

/// <summary>Conversions between element types: floating-point targets by way of double, integers by way of long.</summary>
static class ElementConversion
{
    /// <summary>Types that inputs can have.</summary>
    public static bool CanMake(DataType type) => type is DataType.Float or DataType.Double or DataType.Float16 or DataType.Bool
        or DataType.Uint8 or DataType.Int8 or DataType.Uint16 or DataType.Int16 or DataType.Uint32 or DataType.Int32
        or DataType.Uint64 or DataType.Int64;

    public static Array NewArray(DataType type, int count) => type switch
    {
        DataType.Float => new float[count],
        DataType.Double => new double[count],
        DataType.Float16 => new Half[count],
        DataType.Bool => new bool[count],
        DataType.Uint8 => new byte[count],
        DataType.Int8 => new sbyte[count],
        DataType.Uint16 => new ushort[count],
        DataType.Int16 => new short[count],
        DataType.Uint32 => new uint[count],
        DataType.Int32 => new int[count],
        DataType.Uint64 => new ulong[count],
        DataType.Int64 => new long[count],
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no data can be made for this type"),
    };

    public static void ToDoubles(Array source, int start, Span<double> target)
    {
        var length = target.Length;
        switch (CodeOf(source))
        {
            case TypeCode.Byte: TensorPrimitives.ConvertTruncating(Part<byte>(source, start, length), target); break;
            case TypeCode.SByte: TensorPrimitives.ConvertTruncating(Part<sbyte>(source, start, length), target); break;
            case TypeCode.UInt16: TensorPrimitives.ConvertTruncating(Part<ushort>(source, start, length), target); break;
            case TypeCode.Int16: TensorPrimitives.ConvertTruncating(Part<short>(source, start, length), target); break;
            case TypeCode.UInt32: TensorPrimitives.ConvertTruncating(Part<uint>(source, start, length), target); break;
            case TypeCode.Int32: TensorPrimitives.ConvertTruncating(Part<int>(source, start, length), target); break;
            case TypeCode.UInt64: TensorPrimitives.ConvertTruncating(Part<ulong>(source, start, length), target); break;
            case TypeCode.Int64: TensorPrimitives.ConvertTruncating(Part<long>(source, start, length), target); break;
            case TypeCode.Object: TensorPrimitives.ConvertTruncating(Part<Half>(source, start, length), target); break;
            case TypeCode.Single: TensorPrimitives.ConvertTruncating(Part<float>(source, start, length), target); break;
            case TypeCode.Double: Part<double>(source, start, length).CopyTo(target); break;
            default: throw new ArgumentException($"{source.GetType()} holds no numbers", nameof(source));
        }
    }

    /// <exception cref="OverflowException">A number is beyond long.</exception>
    public static void ToIntegers(Array source, int start, Span<long> target)
    {
        var length = target.Length;
        switch (CodeOf(source))
        {
            case TypeCode.Byte: TensorPrimitives.ConvertChecked(Part<byte>(source, start, length), target); break;
            case TypeCode.SByte: TensorPrimitives.ConvertChecked(Part<sbyte>(source, start, length), target); break;
            case TypeCode.UInt16: TensorPrimitives.ConvertChecked(Part<ushort>(source, start, length), target); break;
            case TypeCode.Int16: TensorPrimitives.ConvertChecked(Part<short>(source, start, length), target); break;
            case TypeCode.UInt32: TensorPrimitives.ConvertChecked(Part<uint>(source, start, length), target); break;
            case TypeCode.Int32: TensorPrimitives.ConvertChecked(Part<int>(source, start, length), target); break;
            case TypeCode.UInt64: TensorPrimitives.ConvertChecked(Part<ulong>(source, start, length), target); break;
            case TypeCode.Int64: Part<long>(source, start, length).CopyTo(target); break;
            default: throw new ArgumentException($"{source.GetType()} holds no integers", nameof(source));
        }
    }

    public static void FromDoubles(ReadOnlySpan<double> source, Array target, int start)
    {
        var length = source.Length;
        switch (CodeOf(target))
        {
            case TypeCode.Object: TensorPrimitives.ConvertTruncating(source, Part<Half>(target, start, length)); break;
            case TypeCode.Single: TensorPrimitives.ConvertTruncating(source, Part<float>(target, start, length)); break;
            case TypeCode.Double: source.CopyTo(Part<double>(target, start, length)); break;
            default: throw new ArgumentException($"{target.GetType()} is not floating-point", nameof(target));
        }
    }

    /// <exception cref="OverflowException">A number is beyond the target's range; for bool, other than 0 and 1.</exception>
    public static void FromIntegers(ReadOnlySpan<long> source, Array target, int start)
    {
        var length = source.Length;
        switch (CodeOf(target))
        {
            case TypeCode.Byte: TensorPrimitives.ConvertChecked(source, Part<byte>(target, start, length)); break;
            case TypeCode.SByte: TensorPrimitives.ConvertChecked(source, Part<sbyte>(target, start, length)); break;
            case TypeCode.UInt16: TensorPrimitives.ConvertChecked(source, Part<ushort>(target, start, length)); break;
            case TypeCode.Int16: TensorPrimitives.ConvertChecked(source, Part<short>(target, start, length)); break;
            case TypeCode.UInt32: TensorPrimitives.ConvertChecked(source, Part<uint>(target, start, length)); break;
            case TypeCode.Int32: TensorPrimitives.ConvertChecked(source, Part<int>(target, start, length)); break;
            case TypeCode.UInt64: TensorPrimitives.ConvertChecked(source, Part<ulong>(target, start, length)); break;
            case TypeCode.Int64: source.CopyTo(Part<long>(target, start, length)); break;
            case TypeCode.Boolean:
                var flags = Part<bool>(target, start, length);
                for (var i = 0; i < length; i++)
                    flags[i] = source[i] is 0 or 1 ? source[i] == 1 : throw new OverflowException();
                break;
            default: throw new ArgumentException($"{target.GetType()} holds no integers", nameof(target));
        }
    }

    /// <summary>The exact element type; patterns such as <c>byte[]</c> would also match <c>sbyte[]</c>. Half has no code of its own.</summary>
    static TypeCode CodeOf(Array array) => Type.GetTypeCode(array.GetType().GetElementType());

    static Span<T> Part<T>(Array array, int start, int length) => ((T[])array).AsSpan(start, length);
}
