using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Compress.Models;

/// <summary>A stretch of a file that is mapped into memory for reading.</summary>
sealed unsafe partial class MappedFile : IDisposable
{
    const int DontNeed = 4;

    readonly MemoryMappedFile file;
    readonly MemoryMappedViewAccessor view;
    readonly byte* start;
    bool disposed;

    MappedFile(MemoryMappedFile file, long offset, long length)
    {
        this.file = file;
        view = file.CreateViewAccessor(offset, length, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        start = pointer + view.PointerOffset;
        Length = length;
    }

    public long Length { get; }

    /// <summary>Maps a whole file, which must not be empty.</summary>
    public static MappedFile Open(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        return new MappedFile(MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false), 0, stream.Length);
    }

    /// <summary>Maps a part of an open file.</summary>
    public static MappedFile Of(SafeFileHandle handle, long offset, long length) =>
        new(MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true), offset, length);

    /// <exception cref="ObjectDisposedException">The model that the bytes belong to is disposed.</exception>
    public byte* At(long offset)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return start + offset;
    }

    /// <summary>Takes pages out of this process's memory; they come back from the file when they are next read.</summary>
    public void Release(long offset, long length)
    {
        if (disposed || length == 0)
            return;
        var page = (nuint)Environment.SystemPageSize;
        var first = (nuint)(start + offset) / page * page;
        var bytes = (nuint)(start + offset + length) - first;
        // Both are hints: whether they are taken decides over memory alone.
        if (OperatingSystem.IsWindows())
            _ = VirtualUnlock((void*)first, bytes);
        else
            _ = AdviseUnix((void*)first, bytes, DontNeed);
    }

    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int AdviseUnix(void* address, nuint length, int advice);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool VirtualUnlock(void* address, nuint length);
}
