using Compress.Diagnostics;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace Compress.Models;

/// <summary>
/// A file without a name that holds the large tensors which passes make for a model with external data, so that the memory in use
/// does not grow with the model. The system removes it with the process, however that ends.
/// </summary>
sealed class Scratch : IDisposable
{
    /// <summary>Smaller tensors stay in memory.</summary>
    public const int LeastBytes = 1 << 20;

    const int Page = 1 << 16;

    readonly Lock gate = new();
    readonly List<MappedFile> views = [];
    SafeFileHandle? handle;
    long length;

    /// <summary>Moves bytes to the file.</summary>
    /// <exception cref="CompressException">CMP6001: the folder for temporary files has no room.</exception>
    public ByteString Store(ByteString bytes)
    {
        lock (gate)
        {
            try
            {
                handle ??= Create();
                RandomAccess.Write(handle, bytes.Span, length);
                var view = MappedFile.Of(handle, length, bytes.Length);
                views.Add(view);
                length += (bytes.Length + Page - 1) / Page * Page;
                return new MappedBytes(view, 0, bytes.Length, location: null).ToByteString();
            }
            catch (Exception exception) when (AtomicFile.IsRefusal(exception))
            {
                throw AtomicFile.CannotWrite(Path.GetTempPath(), exception);
            }
        }
    }

    public void Dispose()
    {
        views.ForEach(view => view.Dispose());
        handle?.Dispose();
    }

    static SafeFileHandle Create()
    {
        var path = Path.Combine(Path.GetTempPath(), $"compress-{Guid.NewGuid():N}");
        var created = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, FileOptions.DeleteOnClose);
        // Windows removes it on close even if the process is killed; elsewhere an open file needs no name.
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return created;
    }
}
