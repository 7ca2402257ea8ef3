namespace Compress.Policies.Reading;

/// <summary>Reads <c>tucker</c> and <c>svd</c>: a rank, a ratio, or a mapping.</summary>
static class FactorizeReader
{
    static readonly NumberRange Share = new(0, 1, WithMin: false);
    static readonly NumberRange Speedup = new(1, double.PositiveInfinity, WithMin: false);

    public static FactorizeSettings? Tucker(Field field) => Read(field, PolicyKeys.Tucker, "a rank (32), a list of two ranks ([16, 32])");

    public static FactorizeSettings? Svd(Field field) => Read(field, PolicyKeys.Svd, "a rank (32)");

    static FactorizeSettings? Read(Field field, Mapping mapping, string ranks)
    {
        const string forms = "a rank (32), a ratio (0.5), none, or a mapping with one of rank, ratio, energy, speedup";
        if (field.Value is YamlScalar scalar)
            return Short(field, scalar, forms);
        if (MapReader.Open(field, mapping, forms) is not { } map)
            return null;
        var roundTo = map["round-to"]?.Integer(1);
        var settings = map.OneOf("rank", "ratio", "energy", "speedup") switch
        {
            { Key: "rank" } rank => Rank(rank, mapping == PolicyKeys.Tucker, ranks),
            { Key: "ratio" } ratio => By(RankRule.Ratio, ratio.Number(Share)),
            { Key: "energy" } energy => By(RankRule.Energy, energy.Number(Share)),
            { } speedup => By(RankRule.Speedup, speedup.Number(Speedup)),
            null => null,
        };
        return settings is null ? null : settings with { RoundTo = roundTo };
    }

    /// <summary>A number without a decimal point is a rank; any other is a ratio.</summary>
    static FactorizeSettings? Short(Field field, YamlScalar scalar, string forms)
    {
        if (IsAuto(field))
            return null;
        return Numbers.ParseInteger(scalar) is not null && !scalar.Text.Contains('.')
            ? Rank(field, two: false, forms)
            : By(RankRule.Ratio, field.Number(Share, forms));
    }

    static FactorizeSettings? Rank(Field field, bool two, string expected)
    {
        if (IsAuto(field))
            return null;
        if (two && field.Value is YamlList { Items.Count: 2 } list)
            return OfRanks([.. list.Items.Select(item => field.With(item).Integer(1) ?? 1)]);
        if (field.Value is not YamlScalar scalar || Numbers.ParseInteger(scalar) is null)
            return field.Wrong<FactorizeSettings>(expected);
        return field.Integer(1) is { } rank ? OfRanks(rank) : null;
    }

    static bool IsAuto(Field field)
    {
        if (field.Is("auto"))
            field.Impossible<object>($"'{field.Key}: auto' is not supported by this version; give one of rank, ratio, energy, speedup");
        return field.Is("auto");
    }

    static FactorizeSettings OfRanks(params int[] ranks) => new(RankRule.Rank, 0, ranks);

    static FactorizeSettings? By(RankRule rule, double? value) => value is { } number ? new FactorizeSettings(rule, number, []) : null;
}
