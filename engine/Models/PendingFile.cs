using Compress.Diagnostics;

namespace Compress.Models;

/// <summary>A whole file under a temporary name, which becomes the target on commit and vanishes otherwise.</summary>
public sealed class PendingFile : IDisposable
{
    bool committed;

    internal PendingFile(string temporary, string target)
    {
        TemporaryPath = temporary;
        TargetPath = target;
    }

    public string TemporaryPath { get; }

    public string TargetPath { get; }

    /// <exception cref="CompressException">CMP6001: the target cannot be replaced.</exception>
    public void Commit() => CommitAs(TargetPath);

    /// <summary>Keeps the file under another name in place of the target.</summary>
    /// <exception cref="CompressException">CMP6001: the file cannot be replaced.</exception>
    public void CommitAs(string path)
    {
        try
        {
            File.Move(TemporaryPath, path, overwrite: true);
            committed = true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWrite(path, exception);
        }
    }

    public void Dispose()
    {
        if (!committed)
            AtomicFile.TryDelete(TemporaryPath);
    }
}
