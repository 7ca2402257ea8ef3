namespace Compress.Data;

/// <summary>Passes bytes on and keeps their number and CRC-32, the checksum that gzip and zip store.</summary>
sealed class ChecksumStream(Stream source) : Stream
{
    const uint Polynomial = 0xEDB88320;

    static readonly uint[] Table = MakeTable();

    uint state = uint.MaxValue;

    /// <summary>Bytes read so far.</summary>
    public long Count { get; private set; }

    /// <summary>The CRC-32 of the bytes read so far.</summary>
    public uint Checksum => ~state;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => Count;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        var crc = state;
        foreach (var value in buffer[..read])
            crc = Table[(byte)(crc ^ value)] ^ (crc >> 8);
        state = crc;
        Count += read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }

    static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var entry = i;
            for (var bit = 0; bit < 8; bit++)
                entry = (entry & 1) != 0 ? (entry >> 1) ^ Polynomial : entry >> 1;
            table[i] = entry;
        }

        return table;
    }
}
