using Compress.Layers;

namespace Compress.Policies.Reading;

/// <summary>Reads <c>match</c> and <c>not</c>: a glob, a mapping of conditions, or a list of these.</summary>
static class MatchReader
{
    const string Forms = "a name with wildcards (\"/layer2/*/Conv\"), a mapping of conditions ({ op: Conv }), or a list of these";

    /// <summary>Matching takes time in proportion to a name, so names have an end.</summary>
    const int MaxNameLength = 1000;

    public static IReadOnlyList<LayerMatch> Read(Field? field)
    {
        if (field?.Value is not YamlList list)
            return field is null || One(field) is not { } match ? [] : [match];
        if (list.Items.Count == 0)
            field.Impossible<LayerMatch>($"'{field.Key}' is an empty list, which matches nothing; it takes {Forms}");
        return [.. list.Items.Select(item => One(field.With(item))).OfType<LayerMatch>()];
    }

    static LayerMatch? One(Field field)
    {
        if (field.Value is YamlScalar { IsNull: false })
            return Name(field) is { } name ? new LayerMatch { Name = name } : null;
        if (MapReader.Open(field, PolicyKeys.Match, Forms) is not { } map)
            return null;
        map.RequireAny($"'{field.Key}' holds no condition; \"*\" matches every layer", PolicyKeys.Match.Keys);
        var match = new LayerMatch
        {
            Name = Name(map["name"]),
            Op = map["op"]?.Text("an operator, e.g. Conv"),
            Kernel = map["kernel"]?.KernelSizes(),
            Group = map["group"]?.Integer(1),
            Depthwise = map["depthwise"]?.Flag(),
            Index = map["index"]?.Integer(),
            MinParameters = map["min-parameters"]?.Long(0),
            MaxParameters = map["max-parameters"]?.Long(0),
            Not = Read(map["not"]),
        };
        if (match.MinParameters > match.MaxParameters)
        {
            map["max-parameters"]!.Impossible<object>(
                $"'max-parameters' is {match.MaxParameters}; it must be at least 'min-parameters', which is {match.MinParameters}");
        }

        return match;
    }

    static Glob? Name(Field? field) => field?.Text("a name, with * and ? as wildcards", MaxNameLength) is { } pattern ? new Glob(pattern) : null;
}
