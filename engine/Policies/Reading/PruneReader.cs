namespace Compress.Policies.Reading;

/// <summary>Reads <c>prune</c>: a share of filters, or a mapping.</summary>
static class PruneReader
{
    const string Forms = "a share of filters (40%), none, or a mapping with 'filters' or 'channels'";

    static readonly NumberRange Share = new(0, 1, WithMax: false);

    static readonly Dictionary<string, PruneCriterion> FilterCriteria = Named(PruneCriterion.L1, PruneCriterion.L2, PruneCriterion.Fpgm,
        PruneCriterion.BatchNormGamma, PruneCriterion.Apoz, PruneCriterion.Random);

    static readonly Dictionary<string, PruneCriterion> ChannelCriteria = Named(PruneCriterion.L1, PruneCriterion.L2, PruneCriterion.Lasso, PruneCriterion.Random);

    static readonly Dictionary<string, PruneScope> Scopes = new() { ["layer"] = PruneScope.Layer, ["global"] = PruneScope.Global };

    /// <summary>Criteria that rank by gradients of a loss.</summary>
    static readonly string[] GradientCriteria = ["taylor", "obd"];

    public static PruneSettings? Read(Field field)
    {
        if (field.Value is YamlScalar)
            return field.Number(Share, Forms) is { } share ? new PruneSettings(share) : null;
        if (MapReader.Open(field, PolicyKeys.Prune, Forms) is not { } map)
            return null;
        map.RequireAny("'prune' does not say how much; add 'filters', e.g. filters: 40%, or 'channels'", "filters", "channels");
        if (map["channels"] is not null)
            map.Exclude("is about filters, and 'channels' is about what a layer reads", "filters", "scope");
        return new PruneSettings(
            map["filters"]?.Number(Share) ?? 0,
            map["by"] is { } by ? Criterion(by, map["channels"] is not null) : PruneCriterion.L1,
            map["round-to"]?.Integer(1) ?? 1,
            map["keep-at-least"]?.Integer(1) ?? 1,
            map["reconstruct"]?.Flag(),
            map["scope"]?.Word(Scopes) ?? PruneScope.Layer,
            map["channels"]?.Number(Share));
    }

    static PruneCriterion Criterion(Field by, bool ofChannels)
    {
        var (legal, other) = ofChannels ? (ChannelCriteria, FilterCriteria) : (FilterCriteria, ChannelCriteria);
        if (by.Value is YamlScalar { IsNull: false, Text: var word } && !legal.ContainsKey(word))
        {
            var supported = string.Join(", ", legal.Keys);
            if (GradientCriteria.Contains(word))
                return by.Impossible<PruneCriterion>($"'by: {word}' needs gradients on training data, which this version does not compute; it supports {supported}");
            if (other.ContainsKey(word))
                return by.Impossible<PruneCriterion>($"'by: {word}' ranks {(ofChannels ? "filters, not input channels" : "input channels, not filters")}; by {(ofChannels ? "'channels'" : "'filters'")} go {supported}");
        }

        return by.Word(legal) ?? PruneCriterion.L1;
    }

    static Dictionary<string, PruneCriterion> Named(params ReadOnlySpan<PruneCriterion> criteria)
    {
        var named = new Dictionary<string, PruneCriterion>();
        foreach (var criterion in criteria)
            named.Add(PruneSettings.NameOf(criterion), criterion);
        return named;
    }
}
