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
        switch (source)
        {
            case byte[] values: TensorPrimitives.ConvertTruncating(values.AsSpan(start, length), target); break;
            case sbyte[] values: TensorPrimitives.ConvertTruncating(values.AsSpan(start, length), target); break;
            case ushort[] values: TensorPrimitives.ConvertTruncating(values.AsSpan(start, length), target); break;
            case short[] values: TensorPrimitives.ConvertTruncating(values.AsSpan(start, length), target); break;
            case uint[] values: TensorPrimitives.ConvertTruncating(values.AsSpan(start, length), target); break;
            case int[] values: TensorPrimitives.ConvertTruncating(values.AsSpan(start, length), target); break;
            case ulong[] values: TensorPrimitives.ConvertTruncating(values.AsSpan(start, length), target); break;
            case long[] values: TensorPrimitives.ConvertTruncating(values.AsSpan(start, length), target); break;
            case Half[] values: TensorPrimitives.ConvertTruncating(values.AsSpan(start, length), target); break;
            case float[] values: TensorPrimitives.ConvertTruncating(values.AsSpan(start, length), target); break;
            case double[] values: values.AsSpan(start, length).CopyTo(target); break;
            default: throw new ArgumentException($"{source.GetType()} holds no numbers", nameof(source));
        }
    }

    /// <exception cref="OverflowException">A number is beyond long.</exception>
    public static void ToIntegers(Array source, int start, Span<long> target)
    {
        var length = target.Length;
        switch (source)
        {
            case byte[] values: TensorPrimitives.ConvertChecked(values.AsSpan(start, length), target); break;
            case sbyte[] values: TensorPrimitives.ConvertChecked(values.AsSpan(start, length), target); break;
            case ushort[] values: TensorPrimitives.ConvertChecked(values.AsSpan(start, length), target); break;
            case short[] values: TensorPrimitives.ConvertChecked(values.AsSpan(start, length), target); break;
            case uint[] values: TensorPrimitives.ConvertChecked(values.AsSpan(start, length), target); break;
            case int[] values: TensorPrimitives.ConvertChecked(values.AsSpan(start, length), target); break;
            case ulong[] values: TensorPrimitives.ConvertChecked(values.AsSpan(start, length), target); break;
            case long[] values: values.AsSpan(start, length).CopyTo(target); break;
            default: throw new ArgumentException($"{source.GetType()} holds no integers", nameof(source));
        }
    }

    public static void FromDoubles(ReadOnlySpan<double> source, Array target, int start)
    {
        var length = source.Length;
        switch (target)
        {
            case Half[] values: TensorPrimitives.ConvertTruncating(source, values.AsSpan(start, length)); break;
            case float[] values: TensorPrimitives.ConvertTruncating(source, values.AsSpan(start, length)); break;
            case double[] values: source.CopyTo(values.AsSpan(start, length)); break;
            default: throw new ArgumentException($"{target.GetType()} is not floating-point", nameof(target));
        }
    }

    /// <exception cref="OverflowException">A number is beyond the target's range; for bool, other than 0 and 1.</exception>
    public static void FromIntegers(ReadOnlySpan<long> source, Array target, int start)
    {
        var length = source.Length;
        switch (target)
        {
            case byte[] values: TensorPrimitives.ConvertChecked(source, values.AsSpan(start, length)); break;
            case sbyte[] values: TensorPrimitives.ConvertChecked(source, values.AsSpan(start, length)); break;
            case ushort[] values: TensorPrimitives.ConvertChecked(source, values.AsSpan(start, length)); break;
            case short[] values: TensorPrimitives.ConvertChecked(source, values.AsSpan(start, length)); break;
            case uint[] values: TensorPrimitives.ConvertChecked(source, values.AsSpan(start, length)); break;
            case int[] values: TensorPrimitives.ConvertChecked(source, values.AsSpan(start, length)); break;
            case ulong[] values: TensorPrimitives.ConvertChecked(source, values.AsSpan(start, length)); break;
            case long[] values: source.CopyTo(values.AsSpan(start, length)); break;
            case bool[] values:
                for (var i = 0; i < length; i++)
                    values[start + i] = source[i] is 0 or 1 ? source[i] == 1 : throw new OverflowException();
                break;
            default: throw new ArgumentException($"{target.GetType()} holds no integers", nameof(target));
        }
    }
}
