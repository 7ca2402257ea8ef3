using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Compress.Onnx;
using Google.Protobuf;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Models;

/// <summary>
/// A constant tensor. It is immutable: passes make new ones. Numbers are read as spans over the file's own bytes
/// wherever the format stores them raw, so that looking at a weight costs no copy.
/// </summary>
public sealed class Tensor
{
    readonly int? bits;

    internal Tensor(TensorProto proto, int? bits = null) => (Proto, this.bits) = (proto, bits);

    internal TensorProto Proto { get; }

    public string Name => Proto.Name;

    public DataType Type => (DataType)Proto.DataType;

    /// <summary>The sizes, outermost first; empty for a scalar.</summary>
    public int[] Shape => [.. Proto.Dims.Select(size => checked((int)size))];

    /// <summary>The number of elements.</summary>
    public long Count
    {
        get
        {
            var count = 1L;
            foreach (var size in Proto.Dims)
                count = checked(count * size);
            return count;
        }
    }

    /// <summary>The bytes that the numbers take in a file.</summary>
    public long Bytes => (Count * Bits + 7) / 8;

    /// <summary>The bits that one number takes in a file.</summary>
    public int Bits => bits ?? BitsOf(Type);

    /// <summary>Whether the numbers lie in a mapped file and not in this process's own memory.</summary>
    internal bool IsMapped => MappedBytes.Behind(Proto.RawData) is not null;

    /// <summary>A tensor whose numbers are stored raw; <typeparamref name="T"/> decides the type.</summary>
    /// <exception cref="ArgumentException">The number of values is not the product of the sizes.</exception>
    public static Tensor Of<T>(string name, ReadOnlySpan<T> values, params ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        var proto = new TensorProto { Name = name, DataType = (int)TypeOf<T>() };
        foreach (var size in shape)
            proto.Dims.Add(size);
        proto.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values));
        var tensor = new Tensor(proto);
        if (tensor.Count != values.Length)
            throw new ArgumentException($"{values.Length} values do not fill [{string.Join(",", shape.ToArray())}]", nameof(values));
        return tensor;
    }

    /// <summary>A tensor whose numbers are written in place: nothing is copied.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="state">Handed on to <paramref name="fill"/>.</param>
    /// <param name="fill">Writes the numbers.</param>
    public static Tensor Create<T, TState>(string name, ReadOnlySpan<int> shape, TState state, SpanAction<T, TState> fill)
        where T : unmanaged
    {
        var proto = new TensorProto { Name = name, DataType = (int)TypeOf<T>() };
        foreach (var size in shape)
            proto.Dims.Add(size);
        var tensor = new Tensor(proto);
        var bytes = new byte[tensor.Bytes];
        fill(MemoryMarshal.Cast<byte, T>(bytes.AsSpan()), state);
        proto.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
        return tensor;
    }

    /// <summary>What a packed tensor stands for: sizes and a type, without the numbers, which lie elsewhere in another form.</summary>
    public static Tensor Described(string name, DataType type, params ReadOnlySpan<int> shape) => Described(name, type, null, shape);

    /// <inheritdoc cref="Described(string, DataType, ReadOnlySpan{int})"/>
    public static Tensor Described(string name, DataType type, int? bits, ReadOnlySpan<int> shape)
    {
        var proto = new TensorProto { Name = name, DataType = (int)type };
        foreach (var size in shape)
            proto.Dims.Add(size);
        return new Tensor(proto, bits);
    }

    /// <summary>A tensor of 4-bit numbers.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Int4 or Uint4.</param>
    /// <param name="values">The numbers, one in each byte.</param>
    /// <param name="shape">Its sizes.</param>
    public static Tensor OfNibbles(string name, DataType type, ReadOnlySpan<byte> values, params ReadOnlySpan<int> shape)
    {
        var tensor = Described(name, type, shape);
        tensor.Proto.RawData = UnsafeByteOperations.UnsafeWrap(Nibbles(values));
        return tensor;
    }

    /// <summary>Two numbers to a byte, the first in the lower half; an odd last one alone.</summary>
    public static byte[] Nibbles(ReadOnlySpan<byte> values)
    {
        var bytes = new byte[(values.Length + 1) / 2];
        for (var i = 0; i < values.Length; i++)
            bytes[i / 2] |= (byte)((values[i] & 0xF) << (4 * (i % 2)));
        return bytes;
    }

    public static Tensor Scalar<T>(string name, T value)
        where T : unmanaged => Of<T>(name, [value]);

    /// <summary>The same numbers under another name.</summary>
    public Tensor Renamed(string name)
    {
        var proto = Proto.Clone();
        proto.Name = name;
        return new Tensor(proto);
    }

    /// <summary>
    /// Tells that the numbers will not be looked at for a while. Those in a mapped file then take no memory until they are; nothing
    /// happens to others.
    /// </summary>
    public void Release() => MappedBytes.Behind(Proto.RawData)?.Release(0, Proto.RawData.Length);

    internal Tensor StoredIn(Scratch scratch)
    {
        var proto = Proto.Clone();
        proto.RawData = scratch.Store(Proto.RawData);
        return new Tensor(proto);
    }

    /// <summary>The numbers of a float32 tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another type, or its data does not fill its shape.</exception>
    public ReadOnlySpan<float> Floats() => Values<float>();

    /// <summary>The numbers, without a copy where they are stored raw.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another type, or its data does not fill its shape.</exception>
    public ReadOnlySpan<T> Values<T>()
        where T : unmanaged
    {
        if (TypeOf<T>() != Type)
            throw new InvalidOperationException($"tensor '{Name}' holds {Type}, not {TypeOf<T>()}");
        var values = Proto.HasRawData ? MemoryMarshal.Cast<byte, T>(Proto.RawData.Span) : FromTypedField<T>();
        return values.Length == Count
            ? values
            : throw new InvalidOperationException($"tensor '{Name}' holds {values.Length} numbers where its shape wants {Count}");
    }

    /// <summary>Integer numbers of any width as long, e.g. axes or shapes.</summary>
    public long[] Integers() => Type switch
    {
        DataType.Int64 => Values<long>().ToArray(),
        DataType.Int32 => [.. Values<int>().ToArray().Select(value => (long)value)],
        _ => throw new InvalidOperationException($"tensor '{Name}' holds {Type}, not integers"),
    };

    /// <summary>The size of one element in bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type has no fixed size, as strings have none.</exception>
    public static int BitsOf(DataType type) => type switch
    {
        DataType.Uint4 or DataType.Int4 or DataType.Float4E2M1 => 4,
        DataType.Uint8 or DataType.Int8 or DataType.Bool or DataType.Float8E4M3Fn or DataType.Float8E4M3Fnuz
            or DataType.Float8E5M2 or DataType.Float8E5M2Fnuz or DataType.Float8E8M0 => 8,
        DataType.Uint16 or DataType.Int16 or DataType.Float16 or DataType.Bfloat16 => 16,
        DataType.Float or DataType.Int32 or DataType.Uint32 => 32,
        DataType.Double or DataType.Int64 or DataType.Uint64 or DataType.Complex64 => 64,
        DataType.Complex128 => 128,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "the type has no fixed size"),
    };

    static DataType TypeOf<T>()
        where T : unmanaged => System.Type.GetTypeCode(typeof(T)) switch
        {
            TypeCode.Single => DataType.Float,
            TypeCode.Double => DataType.Double,
            TypeCode.SByte => DataType.Int8,
            TypeCode.Byte => DataType.Uint8,
            TypeCode.Int16 => DataType.Int16,
            TypeCode.UInt16 => DataType.Uint16,
            TypeCode.Int32 => DataType.Int32,
            TypeCode.UInt32 => DataType.Uint32,
            TypeCode.Int64 => DataType.Int64,
            TypeCode.UInt64 => DataType.Uint64,
            TypeCode.Boolean => DataType.Bool,
            _ => typeof(T) == typeof(Half) ? DataType.Float16 : typeof(T) == typeof(BFloat16) ? DataType.Bfloat16 : throw new ArgumentException($"no ONNX type for {typeof(T)}"),
        };

    /// <summary>Small types share int32_data, one element in each entry; float16 stores its bits there.</summary>
    ReadOnlySpan<T> FromTypedField<T>()
        where T : unmanaged
    {
        switch (Type)
        {
            case DataType.Float:
                return MemoryMarshal.Cast<float, T>(Proto.FloatData.ToArray());
            case DataType.Double:
                return MemoryMarshal.Cast<double, T>(Proto.DoubleData.ToArray());
            case DataType.Int64:
                return MemoryMarshal.Cast<long, T>(Proto.Int64Data.ToArray());
            case DataType.Uint64:
                return MemoryMarshal.Cast<ulong, T>(Proto.Uint64Data.ToArray());
            case DataType.Uint32:
                return MemoryMarshal.Cast<uint, T>(Proto.Uint64Data.Select(value => (uint)value).ToArray());
            default:
                var values = new T[Proto.Int32Data.Count];
                for (var i = 0; i < values.Length; i++)
                {
                    var entry = Proto.Int32Data[i];
                    values[i] = Unsafe.As<int, T>(ref entry);
                }

                return values;
        }
    }
}
