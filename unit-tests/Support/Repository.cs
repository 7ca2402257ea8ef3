using System.Reflection;

namespace Compress.UnitTests.Support;

/// <summary>The files of this repository, for tests that hold docs, samples and code together.</summary>
static class Repository
{
    static readonly string Root = Path.GetFullPath(
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(entry => entry.Key == "RepositoryRoot").Value!);

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    public static string Read(params ReadOnlySpan<string> parts) => File.ReadAllText(PathOf(parts));
}
