namespace Compress.Policies.Reading;

/// <summary>Reads <c>tucker</c> and <c>svd</c>: a rank, a ratio, or a mapping.</summary>
static class FactorizeReader
{
    static readonly NumberRange Share = new(0, 1, WithMin: false);
    static readonly NumberRange Error = new(0, 1, WithMin: false, WithMax: false);
    static readonly NumberRange Speedup = new(1, double.PositiveInfinity, WithMin: false);

    public static FactorizeSettings? Tucker(Field field) => Read(field, PolicyKeys.Tucker, "a rank (32), a list of two ranks ([16, 32]), or auto");

    public static FactorizeSettings? Svd(Field field) => Read(field, PolicyKeys.Svd, "a rank (32), or auto");

    static FactorizeSettings? Read(Field field, Mapping mapping, string ranks)
    {
        const string forms = "a rank (32), a ratio (0.5), auto, none, or a mapping with one of rank, ratio, energy, speedup, error";
        if (field.Value is YamlScalar scalar)
            return Short(field, scalar, forms);
        if (MapReader.Open(field, mapping, forms) is not { } map)
            return null;
        var roundTo = map["round-to"]?.Integer(1);
        var dataAware = map["data-aware"]?.Flag();
        var settings = map.OneOf("rank", "ratio", "energy", "speedup", "error") switch
        {
            { Key: "rank" } rank => Rank(rank, mapping == PolicyKeys.Tucker, ranks),
            { Key: "ratio" } ratio => By(RankRule.Ratio, ratio.Number(Share)),
            { Key: "energy" } energy => By(RankRule.Energy, energy.Number(Share)),
            { Key: "speedup" } speedup => By(RankRule.Speedup, speedup.Number(Speedup)),
            { } error => By(RankRule.Error, error.Number(Error)),
            null => null,
        };
        if (settings?.Rule == RankRule.Error && dataAware == false)
            map.Exclude("is about what layers give on data; leave out 'data-aware: false'", "error");
        return settings is null ? null : settings with { RoundTo = roundTo, DataAware = dataAware };
    }

    /// <summary>A number without a decimal point is a rank; any other is a ratio.</summary>
    static FactorizeSettings? Short(Field field, YamlScalar scalar, string forms)
    {
        if (field.Is("auto"))
            return Auto;
        return Numbers.ParseInteger(scalar) is not null && !scalar.Text.Contains('.')
            ? Rank(field, two: false, forms)
            : By(RankRule.Ratio, field.Number(Share, forms));
    }

    static FactorizeSettings? Rank(Field field, bool two, string expected)
    {
        if (field.Is("auto"))
            return Auto;
        if (two && field.Value is YamlList { Items.Count: 2 } list)
            return OfRanks([.. list.Items.Select(item => field.With(item).Integer(1) ?? 1)]);
        if (field.Value is not YamlScalar scalar || Numbers.ParseInteger(scalar) is null)
            return field.Wrong<FactorizeSettings>(expected);
        return field.Integer(1) is { } rank ? OfRanks(rank) : null;
    }

    static FactorizeSettings Auto => new(RankRule.Auto, 0, []);

    static FactorizeSettings OfRanks(params int[] ranks) => new(RankRule.Rank, 0, ranks);

    static FactorizeSettings? By(RankRule rule, double? value) => value is { } number ? new FactorizeSettings(rule, number, []) : null;
}
