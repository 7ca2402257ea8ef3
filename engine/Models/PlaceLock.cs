using Compress.Diagnostics;

namespace Compress.Models;

/// <summary>
/// Lets one process at a time put a model and its data into their place. The lock is the system's lock on a file, which ends with
/// the process; the file goes when the lock is given back, or with the next one taken where the process was killed.
/// </summary>
sealed class PlaceLock : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly FileStream stream;

    PlaceLock(FileStream stream) => this.stream = stream;

    /// <param name="path">The model's path.</param>
    /// <exception cref="CompressException">CMP6001: the folder cannot be written, or another process holds the lock without end.</exception>
    public static PlaceLock Take(string path)
    {
        var name = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.lock");
        for (var deadline = DateTime.UtcNow + Patience; ; Thread.Sleep(5))
        {
            try
            {
                var stream = new FileStream(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
                if (IsStillAt(name, stream))
                    return new PlaceLock(stream);
                stream.Dispose();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if (!IsHeld(exception) || DateTime.UtcNow > deadline)
                    throw AtomicFile.CannotWrite(path, exception);
            }
        }
    }

    public void Dispose()
    {
        // Elsewhere than on Windows the name goes while the lock still holds; there it can only go after.
        if (!OperatingSystem.IsWindows())
            AtomicFile.TryDelete(stream.Name);
        stream.Dispose();
        if (OperatingSystem.IsWindows())
            AtomicFile.TryDelete(stream.Name);
    }

    /// <summary>
    /// Whether the file that is locked still bears the name: another holder may have removed it between opening and locking. A time
    /// stamp that is set through the one and read through the other tells.
    /// </summary>
    static bool IsStillAt(string name, FileStream stream)
    {
        var mark = DateTime.UnixEpoch.AddSeconds(2 * Random.Shared.Next());
        File.SetLastWriteTimeUtc(stream.SafeFileHandle, mark);
        return OperatingSystem.IsWindows() || File.GetLastWriteTimeUtc(name) == mark;
    }

    static bool IsHeld(Exception exception)
    {
        const int sharingViolation = 32, wouldBlock = 11, wouldBlockOnMac = 35;
        return exception is IOException && (exception.HResult & 0xFFFF) is sharingViolation or wouldBlock or wouldBlockOnMac;
    }
}
