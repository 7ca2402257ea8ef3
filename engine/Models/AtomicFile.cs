using System.Diagnostics;
using System.Globalization;
using Compress.Diagnostics;

namespace Compress.Models;

/// <summary>
/// Writes files that are either whole or not there: to a temporary file in the same folder, flushed to disk, then renamed over
/// the target. Temporary files and folders that a killed process left are removed by the next write to the same target.
/// </summary>
public static class AtomicFile
{
    /// <exception cref="CompressException">CMP6001: the folder cannot be made or the file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        using var pending = Begin(path, write);
        pending.Commit();
    }

    /// <summary>Writes the temporary file only; the target appears with <see cref="PendingFile.Commit"/>.</summary>
    /// <exception cref="CompressException">CMP6001: the folder cannot be made or the file cannot be written.</exception>
    public static PendingFile Begin(string path, Action<Stream> write)
    {
        path = Path.GetFullPath(path);
        string? temporary = null;
        try
        {
            temporary = Prepare(path);
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            return new PendingFile(temporary, path);
        }
        catch (Exception exception)
        {
            if (temporary is not null)
                TryDelete(temporary);
            if (IsRefusal(exception))
                throw CannotWrite(path, exception);
            throw;
        }
    }

    /// <summary>As <see cref="Begin"/>, for a target that consists of several files.</summary>
    /// <exception cref="CompressException">CMP6001: the folder cannot be made.</exception>
    internal static PendingFolder BeginFolder(string path)
    {
        try
        {
            return new PendingFolder(Directory.CreateDirectory(Prepare(path)).FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, exception);
        }
    }

    /// <summary>Whether the system refused to write. A file that grows beyond a limit is an argument out of range to .NET.</summary>
    internal static bool IsRefusal(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value", ActualValue: null };

    internal static CompressException CannotWrite(string path, Exception exception) =>
        Codes.CannotWrite.Fail(path, $"cannot write the file: {exception.Message}; choose a folder that can be written and has room");

    internal static void TryDelete(string path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            else
                File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The file is abandoned; the next write to the same target tries again.
        }
    }

    /// <summary>Makes the target's folder and clears it of what was abandoned.</summary>
    /// <returns>A temporary name, which tells the next write whether it was abandoned.</returns>
    static string Prepare(string path)
    {
        if (Directory.Exists(path))
            throw new IOException("a folder has that name");
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        RemoveAbandoned(folder, Path.GetFileName(path));
        return Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp");
    }

    static void RemoveAbandoned(string folder, string name)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, $".{name}.*.tmp"))
        {
            var parts = Path.GetFileName(path)[(name.Length + 2)..].Split('.');
            if (parts is [var owner, _, "tmp"] && int.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && id != Environment.ProcessId && !IsRunning(id))
            {
                TryDelete(path);
            }
        }
    }

    static bool IsRunning(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
