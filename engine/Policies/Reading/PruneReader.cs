namespace Compress.Policies.Reading;

/// <summary>
/// Reads <c>prune</c>: a share of filters, or a mapping that may also ask for one form of pruning within weights. Whichever it asks for,
/// it takes the place of what earlier rules said of both.
/// </summary>
static class PruneReader
{
    const string Forms = "a share of filters (40%), none, or a mapping with 'filters'";
    const int MostOfEvery = 1024;

    static readonly string[] ByShare = ["weights", "vectors", "kernels"];
    static readonly string[] WeightForms = ["kernel", "pattern", .. ByShare, "n-m"];
    static readonly NumberRange Share = new(0, 1, WithMax: false);
    static readonly Dictionary<string, PruneCriterion> OfFilters = new() { ["l1"] = PruneCriterion.L1, ["l2"] = PruneCriterion.L2 };
    static readonly Dictionary<string, PruneCriterion> OfWeights = new(OfFilters) { ["random"] = PruneCriterion.Random };
    static readonly Dictionary<string, PruneScope> Scopes = new() { ["layer"] = PruneScope.Layer, ["global"] = PruneScope.Global };

    /// <returns>What is said of whole filters and of weights; both null where nothing is.</returns>
    public static (Choice<PruneSettings>? Filters, Choice<WeightPruneSettings>? Weights) Read(Field? field)
    {
        if (field is null)
            return default;
        if (field.Is("none"))
            return Both(null, null);
        if (field.Value is YamlScalar)
            return field.Number(Share, Forms) is { } share ? Both(new PruneSettings(share), null) : default;
        if (MapReader.Open(field, PolicyKeys.Prune, Forms) is not { } map)
            return default;
        map.RequireAny("'prune' does not say how much; add 'filters', e.g. filters: 40%", ["filters", .. WeightForms]);
        var hasFilters = map["filters"] is not null || !WeightForms.Any(key => map[key] is not null);
        var by = (hasFilters ? map["by"]?.Word(OfFilters, "random") : map["by"]?.Word(OfWeights)) ?? PruneCriterion.L1;
        var reconstruct = map["reconstruct"]?.Flag();
        return Both(hasFilters ? Filters(map, by, reconstruct) : null, Weights(map, hasFilters, by, reconstruct));

        (Choice<PruneSettings>, Choice<WeightPruneSettings>) Both(PruneSettings? filters, WeightPruneSettings? weights) =>
            (new(filters, field.KeyPosition), new(weights, field.KeyPosition));
    }

    static PruneSettings Filters(MapReader map, PruneCriterion by, bool? reconstruct) => new(
        map["filters"]?.Number(Share) ?? 0, by, map["round-to"]?.Integer(1) ?? 1, map["keep-at-least"]?.Integer(1) ?? 1, reconstruct);

    static WeightPruneSettings? Weights(MapReader map, bool hasFilters, PruneCriterion by, bool? reconstruct)
    {
        if (!hasFilters)
            map.Exclude("is for filters; add 'filters', or leave it out", "round-to", "keep-at-least");
        var hasForm = WeightForms.Any(key => map[key] is not null);
        if (!ByShare.Any(key => map[key] is not null) && (hasForm || map["filters"] is not null))
            map.Exclude("is for shares of weights; add 'weights', 'vectors' or 'kernels', or leave it out", "scope");
        if (!hasForm)
            return null;
        var form = map.OneOf(WeightForms) is { } field ? Form(field) : null;
        var scope = map["scope"]?.Word(Scopes) ?? PruneScope.Layer;
        return form is null ? null : new WeightPruneSettings(form, by, scope, reconstruct);
    }

    static PruneForm? Form(Field field) => field.Key switch
    {
        "kernel" => field.KernelSizes() is { } sizes ? new KernelCrop(sizes) : null,
        "pattern" => field.Integer(1) is { } positions ? new KernelPattern(positions) : null,
        "weights" => Zeros(field, WeightUnit.Weight),
        "vectors" => Zeros(field, WeightUnit.Vector),
        "kernels" => Zeros(field, WeightUnit.Kernel),
        _ => OfEvery(field),
    };

    static ZeroShare? Zeros(Field field, WeightUnit unit) => field.Number(Share) is { } share ? new ZeroShare(unit, share) : null;

    /// <summary>Two numbers joined by a colon. A plain 2:4 is text in YAML 1.2, as this reader takes it.</summary>
    static KeptOfEvery? OfEvery(Field field)
    {
        if (field.Value is not YamlScalar scalar || scalar.Text.Split(':') is not [var first, var second]
            || Numbers.ParseDigits(first) is not { } kept || Numbers.ParseDigits(second) is not { } of)
        {
            return field.Wrong<KeptOfEvery>("how many weights stay of how many, e.g. 2:4");
        }

        if (kept >= 1 && kept < of && of <= MostOfEvery)
            return new KeptOfEvery(kept, of);
        return field.Impossible<KeptOfEvery>(
            $"'{field.Key}' is {scalar.Text}; the first number is at least 1, and the second greater than the first and at most {MostOfEvery}");
    }
}
