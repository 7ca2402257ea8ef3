using System.Buffers.Binary;
using System.IO.Compression;
using System.Security;
using Compress.Diagnostics;
using Compress.Policies;

namespace Compress.Data;

/// <summary>A file that a policy names. Its errors stand at the policy's line and call it as the policy does.</summary>
sealed record DataFile(string Name, string Path, SourcePosition Position)
{
    const int GzipTrailer = 8;

    public static DataFile Of(Located<string> file, Func<string, string> resolve)
    {
        try
        {
            return new DataFile(file.Value, resolve(file.Value), file.Position);
        }
        catch (ArgumentException exception)
        {
            throw Codes.DataNotFound.Fail(file.Position, $"'{file.Value}' is no path of a file: {exception.Message}");
        }
    }

    public CompressException Malformed(string finding) => Codes.MalformedData.Fail(Position, $"'{Name}' {finding}");

    public CompressException Misfit(string finding) => Codes.DataMisfit.Fail(Position, $"'{Name}' {finding}");

    public CompressException LabelMisfit(string finding) => Codes.LabelMisfit.Fail(Position, $"'{Name}' {finding}");

    /// <summary>Reads the file to its end, unpacked where it starts as gzip does; only plain files can seek.</summary>
    /// <exception cref="CompressException">CMP3001: it cannot be read; CMP3002: it ends early or is damaged.</exception>
    public T Read<T>(Func<Stream, T> read)
    {
        try
        {
            using var file = Open();
            return IsGzip(file) ? Unpack(file, read) : read(file);
        }
        catch (InvalidDataException exception)
        {
            throw Malformed($"is damaged ({exception.Message.TrimEnd('.')}); copy or make it again");
        }
        catch (EndOfStreamException)
        {
            throw Malformed("ends within its header; copy or make it again");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotReadable(exception.Message);
        }
    }

    FileStream Open()
    {
        try
        {
            var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            if (file.CanSeek)
                return file;
            file.Dispose();
            throw NotReadable("It is no regular file.");
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException or SecurityException)
        {
            throw NotReadable(exception.Message);
        }
    }

    CompressException NotReadable(string reason) => Codes.DataNotFound.Fail(
        Position, $"'{Name}' cannot be read: {reason} Paths are relative to the policy; this one leads to '{Path}'.");

    static bool IsGzip(FileStream file)
    {
        Span<byte> magic = stackalloc byte[2];
        var isGzip = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1F, 0x8B];
        file.Position = 0;
        return isGzip;
    }

    /// <summary>The runtime lets a cut trailer and what follows it pass, so the trailer is checked here once more.</summary>
    T Unpack<T>(FileStream file, Func<Stream, T> read)
    {
        using var unpacked = new ChecksumStream(new GZipStream(file, CompressionMode.Decompress, leaveOpen: true));
        var result = read(unpacked);
        Span<byte> trailer = stackalloc byte[GzipTrailer];
        file.Position = Math.Max(0, file.Length - GzipTrailer);
        file.ReadExactly(trailer);
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != unpacked.Checksum
            || BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) != (uint)unpacked.Count)
        {
            throw Malformed("does not end with the checksum of its content: it is cut short, goes on after its end or joins several"
                + " gzip streams; pack it again as one");
        }

        return result;
    }
}
