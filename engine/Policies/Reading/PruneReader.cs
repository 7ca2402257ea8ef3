namespace Compress.Policies.Reading;

/// <summary>Reads <c>prune</c>: a share of filters, or a mapping.</summary>
static class PruneReader
{
    const string Forms = "a share of filters (40%), none, or a mapping with 'filters'";

    static readonly NumberRange Share = new(0, 1, WithMax: false);
    static readonly Dictionary<string, PruneCriterion> Criteria = new() { ["l1"] = PruneCriterion.L1, ["l2"] = PruneCriterion.L2 };

    public static PruneSettings? Read(Field field)
    {
        if (field.Value is YamlScalar)
            return field.Number(Share, Forms) is { } share ? new PruneSettings(share) : null;
        if (MapReader.Open(field, PolicyKeys.Prune, Forms) is not { } map)
            return null;
        map.RequireAny("'prune' does not say how much; add 'filters', e.g. filters: 40%", "filters");
        return new PruneSettings(
            map["filters"]?.Number(Share) ?? 0,
            map["by"]?.Word(Criteria) ?? PruneCriterion.L1,
            map["round-to"]?.Integer(1) ?? 1,
            map["keep-at-least"]?.Integer(1) ?? 1,
            map["reconstruct"]?.Flag());
    }
}
