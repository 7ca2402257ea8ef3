namespace Compress.Policies.Reading;

/// <summary>Reads <c>layers</c>.</summary>
static class RuleReader
{
    public static IReadOnlyList<Rule> Read(Field? field)
    {
        if (field is null)
            return [];
        return field.Value is YamlList list
            ? [.. list.Items.Select(item => One(field.With(item))).OfType<Rule>()]
            : field.Wrong<IReadOnlyList<Rule>>("a list of rules, each starting with '- match:'") ?? [];
    }

    static Rule? One(Field field)
    {
        if (MapReader.Open(field, PolicyKeys.Rule, "a list of rules, each starting with '- match:'") is not { } map)
            return null;
        var match = map.Require("match", "the rule does not say which layers it is for; add 'match', e.g. match: \"*\"");
        map.RequireAny("the rule says nothing to do; add one of prune, tucker, cp, svd, cluster, quantize", "prune", "tucker", "cp", "svd", "cluster", "quantize");
        var (filters, weights) = PruneReader.Read(map["prune"]);
        return new Rule(
            MatchReader.Read(match),
            map.Position,
            filters,
            Choice(map["tucker"], FactorizeReader.Tucker),
            Choice(map["svd"], FactorizeReader.Svd),
            Choice(map["quantize"], QuantizeReader.Read),
            weights,
            Choice(map["cp"], FactorizeReader.Cp),
            Choice(map["cluster"], ClusterReader.Read));
    }

    static Choice<T>? Choice<T>(Field? field, Func<Field, T?> read)
        where T : class
    {
        if (field is null)
            return null;
        if (field.Is("none"))
            return new Choice<T>(null, field.KeyPosition);
        return read(field) is { } settings ? new Choice<T>(settings, field.KeyPosition) : null;
    }
}
