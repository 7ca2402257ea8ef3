using Compress.Diagnostics;

namespace Compress.Policies.Reading;

/// <summary>Reads <c>factorize-budget</c>.</summary>
static class BudgetReader
{
    static readonly NumberRange Shares = new(0, 1, WithMin: false, WithMax: false);

    public static RankBudgetSettings? Read(Field? field)
    {
        if (field is null || MapReader.Open(field, PolicyKeys.Budget, "a mapping such as { macs: 50% }") is not { } map)
            return null;
        return map.OneOf("macs", "parameters") is { } of && of.Number(Shares) is { } share
            ? new RankBudgetSettings(of.Key == "macs" ? BudgetOf.Macs : BudgetOf.Parameters, share, field.KeyPosition)
            : null;
    }

    /// <summary>Reports a budget that no rule draws on, and rules that draw on a budget which is not there.</summary>
    public static void Check(Field? field, RankBudgetSettings? budget, IReadOnlyList<Rule> rules, DiagnosticBag diagnostics)
    {
        var drawing = rules.SelectMany(rule => new[] { rule.Tucker, rule.Svd }).OfType<Choice<FactorizeSettings>>().Where(choice => choice.Settings?.Rule == RankRule.Budget).ToList();
        if (field is null && drawing.Count > 0)
            diagnostics.Add(Codes.MissingKey.At(drawing[0].Position, "the rank comes from a budget, and there is none; add 'factorize-budget', e.g. factorize-budget: { macs: 50% }"));
        if (budget is not null && drawing.Count == 0)
            diagnostics.Add(Codes.ConflictingKeys.At(budget.Position, "no rule draws on 'factorize-budget'; write 'tucker: budget' or 'svd: budget' where ranks are to come from it"));
    }
}
