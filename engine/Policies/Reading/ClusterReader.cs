namespace Compress.Policies.Reading;

/// <summary>Reads <c>cluster</c>: a number of values, or a mapping.</summary>
static class ClusterReader
{
    const int MostBits = 8;

    static readonly Dictionary<string, ClusterStart> Starts = new() { ["linear"] = ClusterStart.Linear, ["k-means++"] = ClusterStart.PlusPlus };

    public static ClusterSettings? Read(Field field)
    {
        if (field.Value is YamlScalar { IsNull: false } scalar)
        {
            return Numbers.ParseInteger(scalar) is null
                ? field.Wrong<ClusterSettings>("a number of values (32), none, or a mapping such as { bits: 5 }")
                : Centroids(field) is { } number ? new ClusterSettings(number) : null;
        }

        if (MapReader.Open(field, PolicyKeys.Cluster, "a number of values (32), none, or a mapping such as { bits: 5 }") is not { } map)
            return null;
        var count = map.OneOf("centroids", "bits") switch
        {
            { Key: "bits" } bits => bits.Long(1, MostBits) is { } number ? 1 << (int)number : null,
            { } centroids => Centroids(centroids),
            null => null,
        };
        var init = map["init"]?.Word(Starts) ?? ClusterStart.Linear;
        var groups = (int)(map["groups"]?.Long(1, ClusterSettings.MostCentroids / 2) ?? 1);
        if (count * groups > ClusterSettings.MostCentroids)
            return map["groups"]!.Impossible<ClusterSettings>($"{groups} groups of {count} values are {groups * count}; at most {ClusterSettings.MostCentroids} are legal");
        return count is { } found ? new ClusterSettings(found, init, groups) : null;
    }

    static int? Centroids(Field field) => (int?)field.Long(2, ClusterSettings.MostCentroids);
}
