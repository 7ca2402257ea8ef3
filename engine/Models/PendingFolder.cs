namespace Compress.Models;

/// <summary>A temporary folder beside a target, for what consists of several files; what was not moved out of it vanishes.</summary>
sealed class PendingFolder(string path) : IDisposable
{
    public string File(string name) => Path.Combine(path, name);

    /// <summary>Writes a file and flushes it to disk.</summary>
    public void Write(string name, Action<Stream> write)
    {
        using var stream = new FileStream(File(name), FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);
        write(stream);
        stream.Flush(flushToDisk: true);
    }

    public void Dispose() => AtomicFile.TryDelete(path);
}
