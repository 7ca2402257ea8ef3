using System.Buffers.Binary;
using System.Text;

namespace Compress.Data;

/// <summary>
/// NumPy's format for one array: the bytes <c>93 NUMPY</c>, the version, the header's length (two bytes in version 1, four in 2 and 3),
/// a Python dictionary as text, then the numbers.
/// </summary>
static class NpyFormat
{
    /// <summary>Version 1 cannot say more, and plain arrays never need more.</summary>
    const int LongestHeader = ushort.MaxValue;

    /// <param name="file">The file, for errors.</param>
    /// <param name="stream">What follows the first four bytes.</param>
    /// <exception cref="Diagnostics.CompressException">CMP3002: the file is malformed, or holds something else than numbers.</exception>
    public static NumberArray Read(DataFile file, Stream stream)
    {
        Span<byte> start = stackalloc byte[4];
        stream.ReadExactly(start);
        if (start is not [(byte)'P', (byte)'Y', var version, _])
            throw file.Malformed("does not start with the bytes 93 NUMPY of an npy array");
        if (version is < 1 or > 3)
            throw file.Malformed($"has npy version {version}; versions 1 to 3 are known");
        Span<byte> lengthBytes = stackalloc byte[version == 1 ? 2 : 4];
        stream.ReadExactly(lengthBytes);
        var length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes) : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (length > LongestHeader)
            throw file.Malformed($"declares an npy header of {length} bytes; headers of number arrays take {LongestHeader} at most");
        var header = new byte[length];
        stream.ReadExactly(header);
        return NumberReader.Read(file, stream, NpyHeader.Parse(file, Encoding.Latin1.GetString(header)));
    }
}
