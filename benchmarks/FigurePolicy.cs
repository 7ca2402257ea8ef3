using System.Reflection;

namespace Compress.Benchmarks;

/// <summary>The policies of benchmarks/policies. They name the usual data folder, so that <c>dotnet compress</c> takes them as they are.</summary>
static class FigurePolicy
{
    /// <summary>Where Debian's package dataset-fashion-mnist puts the data.</summary>
    public const string UsualDataFolder = "/usr/share/datasets/fashion-mnist";

    static readonly string Root = Path.GetFullPath(
        typeof(FigurePolicy).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(entry => entry.Key == "RepositoryRoot").Value!);

    public static IReadOnlyList<string> All =>
        [.. Directory.GetFiles(Path.Combine(Root, "benchmarks", "policies"), "*.yaml").Order(StringComparer.Ordinal)];

    /// <summary>The text of a policy with another data folder in place of the usual one.</summary>
    public static string Text(string path, string dataFolder) =>
        File.ReadAllText(path).Replace(UsualDataFolder, Path.GetFullPath(dataFolder).Replace('\\', '/'), StringComparison.Ordinal);
}
