namespace Compress.Policies.Reading;

/// <summary>Reads <c>tucker</c>, <c>cp</c> and <c>svd</c>: a rank, a ratio, a word, or a mapping.</summary>
static class FactorizeReader
{
    static readonly NumberRange Share = new(0, 1, WithMin: false);
    static readonly NumberRange Error = new(0, 1, WithMin: false, WithMax: false);
    static readonly NumberRange Speedup = new(1, double.PositiveInfinity, WithMin: false);
    static readonly Dictionary<string, SvdAxis> Axes = new() { ["channel"] = SvdAxis.Channel, ["spatial"] = SvdAxis.Spatial };
    static readonly Dictionary<string, RankRule> Words = new() { ["auto"] = RankRule.Auto, ["budget"] = RankRule.Budget };

    static readonly Form OfTucker = new(PolicyKeys.Tucker, "a rank (32), a list of two ranks ([16, 32]), auto, or budget", Words, TakesTwo: true);
    static readonly Form OfSvd = new(PolicyKeys.Svd, "a rank (32), auto, or budget", Words);
    static readonly Form OfCp = new(PolicyKeys.Cp, "a rank (32)", new Dictionary<string, RankRule>());

    /// <summary>What a technique takes.</summary>
    /// <param name="Mapping">The keys.</param>
    /// <param name="Ranks">What <c>rank</c> may be.</param>
    /// <param name="Words">Words in the place of a rank.</param>
    /// <param name="TakesTwo">Whether there may be a rank for each channel mode.</param>
    sealed record Form(Mapping Mapping, string Ranks, IReadOnlyDictionary<string, RankRule> Words, bool TakesTwo = false)
    {
        public bool TakesRatio => Mapping.Keys.Contains("ratio");

        public string[] Rules => [.. Mapping.Keys.TakeWhile(key => key != "round-to")];

        public string Forms => string.Join(", ", [
            "a rank (32)", .. TakesRatio ? ["a ratio (0.5)"] : (string[])[], .. Words.Keys, "none", $"or a mapping with one of {string.Join(", ", Rules)}"]);
    }

    public static FactorizeSettings? Tucker(Field field) => Read(field, OfTucker);

    public static FactorizeSettings? Svd(Field field) => Read(field, OfSvd);

    public static FactorizeSettings? Cp(Field field) => Read(field, OfCp);

    static FactorizeSettings? Read(Field field, Form form)
    {
        if (field.Value is YamlScalar scalar)
            return Short(field, scalar, form);
        if (MapReader.Open(field, form.Mapping, form.Forms) is not { } map)
            return null;
        var roundTo = map["round-to"]?.Integer(1);
        var dataAware = map["data-aware"]?.Flag();
        var axis = map["axis"]?.Word(Axes);
        var settings = map.OneOf(form.Rules) switch
        {
            { Key: "rank" } rank => Rank(rank, form, form.Ranks),
            { Key: "ratio" } ratio => By(RankRule.Ratio, ratio.Number(Share)),
            { Key: "energy" } energy => By(RankRule.Energy, energy.Number(Share)),
            { Key: "speedup" } speedup => By(RankRule.Speedup, speedup.Number(Speedup)),
            { } error => By(RankRule.Error, error.Number(Error)),
            null => null,
        };
        if (settings?.Rule == RankRule.Error && dataAware == false)
            map.Exclude("is about what layers give on data; leave out 'data-aware: false'", "error");
        return settings is null ? null : settings with { RoundTo = roundTo, DataAware = dataAware, Axis = axis };
    }

    /// <summary>A number without a decimal point is a rank; any other is a ratio.</summary>
    static FactorizeSettings? Short(Field field, YamlScalar scalar, Form form)
    {
        if (!form.TakesRatio || form.Words.ContainsKey(scalar.Text))
            return Rank(field, form with { TakesTwo = false }, form.Forms);
        return Numbers.ParseInteger(scalar) is not null && !scalar.Text.Contains('.')
            ? Rank(field, form with { TakesTwo = false }, form.Forms)
            : By(RankRule.Ratio, field.Number(Share, form.Forms));
    }

    static FactorizeSettings? Rank(Field field, Form form, string expected)
    {
        if (form.TakesTwo && field.Value is YamlList { Items.Count: 2 } list)
            return OfRanks([.. list.Items.Select(item => field.With(item).Integer(1) ?? 1)]);
        if (field.Value is not YamlScalar scalar)
            return field.Wrong<FactorizeSettings>(expected);
        if (form.Words.TryGetValue(scalar.Text, out var rule))
            return new FactorizeSettings(rule, 0, []);
        if (Numbers.ParseInteger(scalar) is null)
            return field.Wrong<FactorizeSettings>(expected);
        return field.Integer(1) is { } rank ? OfRanks(rank) : null;
    }

    static FactorizeSettings OfRanks(params int[] ranks) => new(RankRule.Rank, 0, ranks);

    static FactorizeSettings? By(RankRule rule, double? value) => value is { } number ? new FactorizeSettings(rule, number, []) : null;
}
