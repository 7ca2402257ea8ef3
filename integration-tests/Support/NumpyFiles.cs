using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Compress.IntegrationTests.Support;

/// <summary>What <c>numpy.save</c> and <c>numpy.savez</c> would write; the same arrays give the same bytes.</summary>
static class NumpyFiles
{
    public static byte[] Npy(string type, string shape, byte[] payload)
    {
        var header = Encoding.Latin1.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}\n");
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        return [0x93, .. "NUMPY"u8, 1, 0, .. length, .. header, .. payload];
    }

    public static byte[] Npz(params (string Name, byte[] Content)[] arrays)
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in arrays)
            {
                var entry = zip.CreateEntry(name);
                entry.LastWriteTime = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using var to = entry.Open();
                to.Write(content);
            }
        }

        return stream.ToArray();
    }
}
