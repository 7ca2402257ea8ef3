using System.Buffers;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Compress.Models;

/// <summary>
/// A tensor's bytes in a mapped file. Wrapped into a ByteString they stand in a protobuf message like any others, so that no reader
/// of weights has to know where they lie.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="offset">Where the bytes begin in it.</param>
/// <param name="length">How many there are.</param>
/// <param name="location">The file's name as the model's own folder knows it; null for files that only this process knows.</param>
sealed unsafe class MappedBytes(MappedFile file, long offset, int length, string? location) : MemoryManager<byte>
{
    public string? Location => location;

    public long Offset => offset;

    public int Length => length;

    public IntPtr Address => (IntPtr)file.At(offset);

    /// <summary>The mapped bytes behind a ByteString; null where it holds its bytes itself.</summary>
    public static MappedBytes? Behind(ByteString bytes) =>
        MemoryMarshal.TryGetMemoryManager<byte, MappedBytes>(bytes.Memory, out var found) ? found : null;

    public ByteString ToByteString() => UnsafeByteOperations.UnsafeWrap(Memory);

    public override Span<byte> GetSpan() => new(file.At(offset), length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(file.At(offset) + elementIndex);

    public override void Unpin()
    {
    }

    /// <summary>Lets the system have the memory of some of the bytes until they are next read.</summary>
    public void Release(int from, int count) => file.Release(offset + from, count);

    protected override void Dispose(bool disposing)
    {
        // The file belongs to the model.
    }
}
