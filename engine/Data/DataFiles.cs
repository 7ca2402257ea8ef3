using Compress.Policies;

namespace Compress.Data;

/// <summary>What a data source reads, so that builds know when to run again.</summary>
public static class DataFiles
{
    /// <summary>The paths that a source names, as the policy has them; none for random data.</summary>
    public static IReadOnlyList<string> Of(DataSource source) =>
        [.. new[] { source.File, source.Labels }.OfType<Located<string>>().Select(file => file.Value).Distinct()];
}
