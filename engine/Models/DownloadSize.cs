using System.IO.Compression;

namespace Compress.Models;

/// <summary>What files weigh where they are carried compressed, as in a package or a layer of an image: their bytes after Brotli (RFC 7932).</summary>
static class DownloadSize
{
    /// <summary>
    /// Of 11. The bytes of float weights hardly depend on it; those of shared weights fall by another seventh at 11, which takes fifty times as long.
    /// </summary>
    const int Quality = 6;

    /// <summary>The bytes of files, each compressed by itself, in a fixed amount of memory.</summary>
    public static long Of(IEnumerable<string> paths, CancellationToken cancellation)
    {
        var bytes = 0L;
        var buffer = new byte[1 << 16];
        foreach (var path in paths)
        {
            using var counted = new CountingStream();
            using (var brotli = new BrotliStream(counted, new BrotliCompressionOptions { Quality = Quality }, leaveOpen: true))
            using (var file = File.OpenRead(path))
            {
                while (file.Read(buffer) is > 0 and var read)
                {
                    cancellation.ThrowIfCancellationRequested();
                    brotli.Write(buffer, 0, read);
                }
            }

            bytes += counted.Length;
        }

        return bytes;
    }

    /// <summary>Takes bytes and keeps their number.</summary>
    sealed class CountingStream : Stream
    {
        long length;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => length;

        public override long Position
        {
            get => length;
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => length += count;

        public override void Write(ReadOnlySpan<byte> buffer) => length += buffer.Length;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
