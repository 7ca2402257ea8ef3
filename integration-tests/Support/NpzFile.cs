using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Compress.IntegrationTests.Support;

/// <summary>Writes what <c>numpy.savez</c> would.</summary>
static class NpzFile
{
    /// <param name="path">The file.</param>
    /// <param name="samples">
    /// The inputs of each sample. What starts with a batch of one is stacked along it; all else is put under a new first axis.
    /// </param>
    public static void Write(string path, IReadOnlyList<IReadOnlyDictionary<string, Array>> samples)
    {
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, first) in samples[0])
        {
            var shape = Shape(first);
            int[] sizes = first.Rank == 1 ? [samples.Count] : shape[0] == 1 ? [samples.Count, .. shape[1..]] : [samples.Count, .. shape];
            using var stream = zip.CreateEntry($"{name}.npy", CompressionLevel.NoCompression).Open();
            var header = $"{{'descr': '{(first is Array { } a && a.GetType().GetElementType() == typeof(long) ? "<i8" : "<f4")}', 'fortran_order': False, 'shape': ({string.Join(", ", sizes)},), }}";
            header = header.PadRight(((header.Length + 10) / 64 * 64) + 64 - 11) + "\n";
            stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header)]);
            foreach (var sample in samples)
                stream.Write(Bytes(sample[name]));
        }
    }

    public static int[] Shape(Array array) => [.. Enumerable.Range(0, array.Rank).Select(array.GetLength)];

    public static ReadOnlySpan<byte> Bytes(Array array) => MemoryMarshal.CreateReadOnlySpan(
        ref MemoryMarshal.GetArrayDataReference(array), Buffer.ByteLength(array));
}
