namespace Compress.Models;

/// <summary>The folder of a model, which its external data must not leave: a model from elsewhere must not make a build read other files.</summary>
sealed class ExternalFolder
{
    const int MostLinks = 40;

    readonly string path;
    readonly string realPath;

    public ExternalFolder(string modelPath)
    {
        path = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
        realPath = RealPath(path);
    }

    /// <summary>Finds the file that a location names.</summary>
    /// <returns>Its absolute path, or what is wrong with the location.</returns>
    public (string? Path, string? Wrong) Find(string location)
    {
        const string right = "it must be a relative path to a file within the model's folder";
        if (location.Length == 0 || location.Contains('\0'))
            return (null, $"which names no file; {right}");
        if (Path.IsPathRooted(location) || location is [_, ':', ..] or ['/' or '\\', ..])
            return (null, $"which is an absolute path; {right}");
        var file = Path.GetFullPath(Path.Combine(path, location));
        if (!IsWithin(file, path))
            return (null, $"which leaves the model's folder; {right}");
        try
        {
            if (RealPath(file) is var real && !IsWithin(real, realPath))
                return (null, $"which is reached over a symbolic link to '{real}', outside of the model's folder; put the file itself there");
        }
        catch (IOException exception)
        {
            return (null, $"which cannot be followed: {exception.Message}; {right}");
        }

        if (Directory.Exists(file))
            return (null, $"which is a folder; {right}");
        return File.Exists(file) ? (file, null) : (null, $"which does not exist; it is looked for at {file}");
    }

    /// <summary>The bytes of a file, and not of a link to it.</summary>
    public static long SizeOf(string file) => ((FileInfo?)File.ResolveLinkTarget(file, returnFinalTarget: true) ?? new FileInfo(file)).Length;

    static bool IsWithin(string file, string folder) =>
        file.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Follows every symbolic link on the way to a file.</summary>
    static string RealPath(string file)
    {
        for (var links = 0; links < MostLinks; links++)
        {
            if (FollowFirstLink(file) is not { } next)
                return file;
            file = next;
        }

        throw new IOException("there are too many symbolic links");
    }

    static string? FollowFirstLink(string file)
    {
        var root = Path.GetPathRoot(file)!;
        var parts = file[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        var reached = root;
        for (var i = 0; i < parts.Length; i++)
        {
            var entry = Path.Combine(reached, parts[i]);
            if (new FileInfo(entry).LinkTarget is { } target)
                return Path.GetFullPath(Path.Combine([reached, target, .. parts[(i + 1)..]]));
            reached = entry;
        }

        return null;
    }
}
