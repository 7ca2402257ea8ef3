using System.IO.Compression;

namespace Compress.Data;

/// <summary>NumPy's format for several arrays: a zip whose entries are npy files, each called as its array.</summary>
static class NpzFormat
{
    /// <summary>Reads the arrays that are wanted and there; others are not unpacked.</summary>
    /// <param name="file">The file.</param>
    /// <param name="wanted">Names of arrays.</param>
    /// <param name="found">Names of all arrays in the file.</param>
    /// <exception cref="Diagnostics.CompressException">CMP3001 or CMP3002: the file cannot be read or is malformed.</exception>
    public static Dictionary<string, NumberArray> Read(DataFile file, IEnumerable<string> wanted, out IReadOnlyList<string> found)
    {
        var names = new List<string>();
        var arrays = file.Read(stream =>
        {
            // A zip within gzip would have to be unpacked as a whole before anything is known about it.
            if (!stream.CanSeek)
                throw file.Malformed("is gzip; expected npz, a zip of npy arrays");
            using var zip = Open(stream);
            var entries = Entries(file, zip);
            names.AddRange(entries.Keys);
            return wanted.Distinct().Where(entries.ContainsKey).ToDictionary(name => name, name => Read(file, name, entries[name]));
        });
        found = names;
        return arrays;
    }

    static ZipArchive Open(Stream stream)
    {
        try
        {
            var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            _ = zip.Entries.Count;
            return zip;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new InvalidDataException($"no zip: {exception.Message}", exception);
        }
    }

    static Dictionary<string, ZipArchiveEntry> Entries(DataFile file, ZipArchive zip)
    {
        const string Extension = ".npy";
        var entries = new Dictionary<string, ZipArchiveEntry>();
        foreach (var entry in zip.Entries.Where(entry => entry.FullName.EndsWith(Extension, StringComparison.Ordinal)))
        {
            var name = entry.FullName[..^Extension.Length];
            if (!entries.TryAdd(name, entry))
                throw file.Malformed($"holds the array '{name}' twice; save each name once");
        }

        return entries;
    }

    static NumberArray Read(DataFile archive, string name, ZipArchiveEntry entry)
    {
        var file = archive with { Name = $"{archive.Name}/{name}.npy" };
        if (entry.IsEncrypted)
            throw file.Malformed("is encrypted; save it without a password");
        try
        {
            using var stream = new ChecksumStream(entry.Open());
            Span<byte> magic = stackalloc byte[ArrayFile.MagicLength];
            stream.ReadExactly(magic);
            if (magic is not [0x93, (byte)'N', (byte)'U', (byte)'M'])
                throw file.Malformed("does not start with the bytes 93 NUMPY of an npy array");
            var array = NpyFormat.Read(file, stream);
            return stream.Checksum == entry.Crc32
                ? array
                : throw file.Malformed("does not match its checksum in the zip: it is damaged; copy or make it again");
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or NotSupportedException)
        {
            throw file.Malformed($"cannot be unpacked ({exception.Message.TrimEnd('.')}); copy or make it again");
        }
    }
}
