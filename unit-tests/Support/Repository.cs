using System.Reflection;

namespace Compress.UnitTests.Support;

/// <summary>Files of the repository that tests hold against the code.</summary>
static class Repository
{
    static readonly string Root = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(attribute => attribute.Key == "RepositoryRoot").Value!;

    public static string PathOf(params string[] parts) => Path.GetFullPath(Path.Combine([Root, .. parts]));
}
