using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Compress.UnitTests.Data;

/// <summary>Data files, put together byte by byte.</summary>
static class DataBytes
{
    public static byte[] Idx(byte type, int[] shape, params byte[] payload)
    {
        var header = new byte[4 + 4 * shape.Length];
        (header[2], header[3]) = (type, (byte)shape.Length);
        for (var axis = 0; axis < shape.Length; axis++)
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + 4 * axis), shape[axis]);
        return [.. header, .. payload];
    }

    public static byte[] Images(int count, int height, int width) =>
        Idx(0x08, [count, height, width], [.. Enumerable.Range(0, count * height * width).Select(i => (byte)i)]);

    public static byte[] Npy(string descr, string shape, byte[] payload, byte version = 1, string order = "False") =>
        NpyOf($"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}", payload, version);

    public static byte[] NpyOf(string dictionary, byte[] payload, byte version = 1)
    {
        var prefix = version == 1 ? 10 : 12;
        var text = Encoding.Latin1.GetBytes(dictionary.PadRight((prefix + dictionary.Length) / 64 * 64 + 63 - prefix) + "\n");
        byte[] length = version == 1 ? [(byte)text.Length, (byte)(text.Length >> 8)] : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. payload];
    }

    public static byte[] Floats(params float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    public static byte[] Longs(params long[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    public static byte[] Zip(CompressionLevel level, params (string Name, byte[] Content)[] entries)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var stream = zip.CreateEntry(name, level).Open();
                stream.Write(content);
            }
        }

        return bytes.ToArray();
    }

    public static byte[] Gzip(byte[] content)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(content);
        return bytes.ToArray();
    }
}
