namespace Compress.Policies.Reading;

/// <summary>
/// Reads <c>prune</c>: a share of filters, or a mapping that may also ask for one form of pruning within weights. Whichever it asks for,
/// it takes the place of what earlier rules said of both.
/// </summary>
static class PruneReader
{
    const string Forms = "a share of filters (40%), none, or a mapping with 'filters' or 'channels'";
    const int MostOfEvery = 1024;

    static readonly string[] ByShare = ["weights", "vectors", "kernels"];
    static readonly string[] WeightForms = ["kernel", "pattern", .. ByShare, "n-m"];
    static readonly NumberRange Share = new(0, 1, WithMax: false);

    static readonly Dictionary<string, PruneCriterion> OfFilters = Named(PruneCriterion.L1, PruneCriterion.L2, PruneCriterion.Fpgm,
        PruneCriterion.BatchNormGamma, PruneCriterion.Apoz, PruneCriterion.Random);

    static readonly Dictionary<string, PruneCriterion> OfChannels = Named(PruneCriterion.L1, PruneCriterion.L2, PruneCriterion.Lasso, PruneCriterion.Random);

    static readonly Dictionary<string, PruneCriterion> OfWeights = Named(PruneCriterion.L1, PruneCriterion.L2, PruneCriterion.Random);

    /// <summary>Criteria that rank by gradients of a loss.</summary>
    static readonly string[] GradientCriteria = ["taylor", "obd"];

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
        map.RequireAny("'prune' does not say how much; add 'filters', e.g. filters: 40%, or 'channels'", ["filters", "channels", .. WeightForms]);
        if (map["channels"] is not null)
            map.Exclude("is about filters or weights, and 'channels' is about what a layer reads", ["filters", "scope", .. WeightForms]);
        var hasForm = WeightForms.Any(key => map[key] is not null);
        var hasFilters = map["filters"] is not null || map["channels"] is not null || !hasForm;
        var by = map["by"] is { } criterion ? Criterion(criterion, hasForm, map["channels"] is not null) : PruneCriterion.L1;
        var scope = map["scope"]?.Word(Scopes) ?? PruneScope.Layer;
        var reconstruct = map["reconstruct"]?.Flag();
        return Both(hasFilters ? Filters(map, by, scope, reconstruct) : null, Weights(map, hasForm, hasFilters, by, scope, reconstruct));

        (Choice<PruneSettings>, Choice<WeightPruneSettings>) Both(PruneSettings? filters, WeightPruneSettings? weights) =>
            (new(filters, field.KeyPosition), new(weights, field.KeyPosition));
    }

    static PruneSettings Filters(MapReader map, PruneCriterion by, PruneScope scope, bool? reconstruct) => new(
        map["filters"]?.Number(Share) ?? 0, by, map["round-to"]?.Integer(1) ?? 1, map["keep-at-least"]?.Integer(1) ?? 1, reconstruct, scope,
        map["channels"]?.Number(Share));

    static WeightPruneSettings? Weights(MapReader map, bool hasForm, bool hasFilters, PruneCriterion by, PruneScope scope, bool? reconstruct)
    {
        if (!hasFilters)
            map.Exclude("is for filters; add 'filters', or leave it out", "round-to", "keep-at-least");
        if (!hasForm)
            return null;
        if (map["filters"] is null && !ByShare.Any(key => map[key] is not null))
            map.Exclude("is for shares of filters or weights; add 'filters', 'weights', 'vectors' or 'kernels', or leave it out", "scope");
        var form = map.OneOf(WeightForms) is { } field ? Form(field) : null;
        return form is null ? null : new WeightPruneSettings(form, by, scope, reconstruct);
    }

    static PruneCriterion Criterion(Field by, bool ofWeights, bool ofChannels)
    {
        var legal = ofWeights ? OfWeights : ofChannels ? OfChannels : OfFilters;
        if (by.Value is YamlScalar { IsNull: false, Text: var word } && !legal.ContainsKey(word))
        {
            var supported = string.Join(", ", legal.Keys);
            if (GradientCriteria.Contains(word))
                return by.Impossible<PruneCriterion>($"'by: {word}' needs gradients on training data, which this version does not compute; it supports {supported}");
            var (other, what) = OfFilters.ContainsKey(word) ? ("filters", OfFilters) : ("input channels", OfChannels);
            if (what.ContainsKey(word))
                return by.Impossible<PruneCriterion>($"'by: {word}' ranks {other} alone; {(ofWeights ? "weights" : ofChannels ? "input channels" : "filters")} go by {supported}");
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
