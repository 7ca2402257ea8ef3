using System.Text;
using Compress.Models;

namespace Compress.Tool;

/// <summary>Tells a build system which files a run read, so that it runs again when one of them changes.</summary>
static class DependencyFile
{
    /// <summary>Writes one absolute path a line, in UTF-8 without a byte-order mark.</summary>
    /// <exception cref="Diagnostics.CompressException">CMP6001: the file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<string> inputs) => AtomicFile.Write(path, stream =>
    {
        foreach (var input in inputs)
            stream.Write(Encoding.UTF8.GetBytes(Path.GetFullPath(input) + '\n'));
    });
}
