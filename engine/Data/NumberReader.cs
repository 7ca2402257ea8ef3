using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Data;

/// <summary>Reads the numbers that a header declares, and takes no more memory than twice what is really there.</summary>
static class NumberReader
{
    /// <summary>Numbers for which there is room at first, and that are read at once.</summary>
    const int Step = 1 << 16;

    /// <exception cref="Diagnostics.CompressException">CMP3002: fewer or more bytes follow than the header declares.</exception>
    public static NumberArray Read(DataFile file, Stream stream, ArrayHeader header)
    {
        try
        {
            Array values = header.Type switch
            {
                DataType.Uint8 or DataType.Bool => Read<byte>(file, stream, header),
                DataType.Int8 => Read<sbyte>(file, stream, header),
                DataType.Uint16 => Read<ushort>(file, stream, header),
                DataType.Int16 => Read<short>(file, stream, header),
                DataType.Uint32 => Read<uint>(file, stream, header),
                DataType.Int32 => Read<int>(file, stream, header),
                DataType.Uint64 => Read<ulong>(file, stream, header),
                DataType.Int64 => Read<long>(file, stream, header),
                DataType.Float16 => Read<Half>(file, stream, header),
                DataType.Float => Read<float>(file, stream, header),
                DataType.Double => Read<double>(file, stream, header),
                _ => throw new ArgumentException($"no array holds {header.Type}", nameof(header)),
            };
            return new NumberArray(header.Type, header.Shape, values);
        }
        catch (OutOfMemoryException)
        {
            throw file.Malformed($"holds {header}, more than there is memory for; split it");
        }
    }

    static T[] Read<T>(DataFile file, Stream stream, ArrayHeader header)
        where T : unmanaged
    {
        var count = Count(file, header);
        var bytes = (long)count * Unsafe.SizeOf<T>();
        if (stream.CanSeek && stream.Length - stream.Position is var rest && rest != bytes)
            throw file.Malformed($"declares {header}, which takes {bytes} bytes, but {rest} bytes follow its header; copy or make it again");
        // A packed file may declare anything, so room grows with what arrives.
        var values = new T[stream.CanSeek ? count : Math.Min(count, Step)];
        var filled = Fill(stream, values, 0);
        while (filled == values.Length && filled < count)
        {
            Array.Resize(ref values, (int)Math.Min(count, 2L * filled));
            filled = Fill(stream, values, filled);
        }

        if (filled < count)
            throw file.Malformed($"declares {header}, which takes {bytes} bytes, but unpacks to fewer; it is cut short: copy or make it again");
        if (stream.ReadByte() >= 0)
            throw file.Malformed($"goes on after the {bytes} bytes of the {header} that it declares; copy or make it again");
        if (header.IsBigEndian == BitConverter.IsLittleEndian)
            ReverseBytes<T>(values);
        return header.IsFortranOrder ? RowMajor.FromColumnMajor(values, header.Shape) : values;
    }

    static int Count(DataFile file, ArrayHeader header)
    {
        var count = 1L;
        foreach (var size in header.Shape)
        {
            count *= size;
            if (count > Array.MaxLength)
                throw file.Malformed($"declares {header}; an array holds {Array.MaxLength} numbers at most: split it");
        }

        return (int)count;
    }

    /// <summary>Fills from a position on and gives the position that was reached: the end, unless the stream ends first.</summary>
    static int Fill<T>(Stream stream, T[] values, int start)
        where T : unmanaged
    {
        while (start < values.Length)
        {
            var part = MemoryMarshal.AsBytes(values.AsSpan(start, Math.Min(Step, values.Length - start)));
            var read = stream.ReadAtLeast(part, part.Length, throwOnEndOfStream: false);
            start += read / Unsafe.SizeOf<T>();
            if (read < part.Length)
                break;
        }

        return start;
    }

    static void ReverseBytes<T>(Span<T> values)
        where T : unmanaged
    {
        switch (Unsafe.SizeOf<T>())
        {
            case 2:
                var halves = MemoryMarshal.Cast<T, ushort>(values);
                BinaryPrimitives.ReverseEndianness(halves, halves);
                break;
            case 4:
                var words = MemoryMarshal.Cast<T, uint>(values);
                BinaryPrimitives.ReverseEndianness(words, words);
                break;
            case 8:
                var longs = MemoryMarshal.Cast<T, ulong>(values);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }
}
