using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Factorization;

/// <summary>
/// Chooses the ranks of many layers together: of all choices that keep to what the model may cost, one with the least sum of the layers'
/// squared relative errors. Along the lower convex hull of each layer's error against its cost, the step that saves most for the error that it
/// brings is taken first, which is what a Lagrange multiplier chooses (Everett 1963).
/// </summary>
static class RankBudget
{
    /// <summary>The rank of a layer that stays as it is.</summary>
    public const int LeftWhole = 0;

    /// <summary>Gives every layer whose rank is to come from the budget its ranks, or none where it is to stay whole.</summary>
    /// <param name="model">The model.</param>
    /// <param name="plan">Takes the ranks. A plan whose budget is spent is left as it is.</param>
    /// <param name="context">Names the data, for errors of outputs; without data errors are those of weights.</param>
    /// <exception cref="CompressException">CMP4001: no ranks keep to the budget.</exception>
    public static void Spend(Model model, ModelPlan plan, CompressionContext context)
    {
        if (plan.Budget is not { } budget)
            return;
        var techniques = new LowRankTechnique[] { new TuckerFactorization(), new SvdFactorization() };
        var layers = LayerCatalog.List(model.Graph, context.MeasureShapes(model));
        var drawing = new List<(Layer Layer, LayerPlan Own, Planned<FactorizeSettings> Planned, LowRankTechnique Technique)>();
        foreach (var layer in layers.Where(layer => plan.Of(layer.Node) is not null))
        {
            var own = plan.Of(layer.Node)!;
            // Of two techniques, the first that can treat the layer does.
            var technique = techniques.FirstOrDefault(technique => IsUnspent(technique.Asked(own)) && technique.Refuse(model, layer) is null);
            if (technique is not null)
                drawing.Add((layer, own, technique.Asked(own)!, technique));
        }

        if (drawing.Count == 0)
            return;
        if (budget.Of == BudgetOf.Macs && layers.FirstOrDefault(layer => layer.Macs is null) is { } unknown)
            throw Codes.CannotApply.Fail(budget.Position, $"the multiply-accumulates of {unknown} are not known, and cannot be budgeted; budget 'parameters', or give data that the model can be run with");

        Func<RankOption, long> costOf = budget.Of == BudgetOf.Macs ? option => option.Macs : option => option.Weights;
        var options = Measure(model, context, drawing);
        var before = layers.Sum(layer => budget.Of == BudgetOf.Macs ? layer.Macs!.Value : layer.Parameters);
        var others = before - options.Sum(choices => costOf(choices[0]));
        var chosen = Spread(options, costOf, (budget.Share * before) - others);
        if (chosen is null)
        {
            var least = (double)(others + options.Sum(choices => choices.Min(costOf))) / before;
            throw Codes.CannotApply.Fail(budget.Position,
                $"'factorize-budget' asks for {budget}, and the {drawing.Count} layers that draw on it cannot bring the model below {least:0.0%}; raise it, or let more layers draw on it");
        }

        foreach (var ((layer, own, planned, technique), option) in drawing.Zip(chosen))
        {
            var settled = planned with { Settings = planned.Settings with { Ranks = option.Ranks.Count == 0 ? [LeftWhole] : option.Ranks } };
            plan.Replace(layer.Node, technique is TuckerFactorization ? own with { Tucker = settled, Svd = null } : own with { Tucker = null, Svd = settled });
        }
    }

    static bool IsUnspent(Planned<FactorizeSettings>? planned) => planned is { Settings: { Rule: RankRule.Budget, Ranks.Count: 0 } };

    /// <summary>The options of each layer, on inputs of the model as it is; the first leaves it whole.</summary>
    static List<IReadOnlyList<RankOption>> Measure(
        Model model, CompressionContext context, List<(Layer Layer, LayerPlan Own, Planned<FactorizeSettings> Planned, LowRankTechnique Technique)> drawing)
    {
        using var data = context.Calibration is null ? null : LayerData.Of(
            model, context with { Original = model }, [.. drawing.Select(entry => (entry.Layer, entry.Own, entry.Planned))]);
        return drawing.ConvertAll(IReadOnlyList<RankOption> (entry) =>
        [
            new RankOption([], entry.Layer.Macs ?? 0, entry.Layer.Weight.Count, 0),
            .. entry.Technique.Options(model.Graph, entry.Layer, entry.Planned.Settings, data?.Collect(entry.Layer.Node, entry.Planned.Settings)),
        ]);
    }

    /// <summary>Chooses the ranks.</summary>
    /// <param name="layers">For each layer its options, of which the first leaves it whole.</param>
    /// <param name="costOf">What counts.</param>
    /// <param name="most">What the layers may cost together.</param>
    /// <returns>An option for each layer; null where even the cheapest cost too much.</returns>
    public static RankOption[]? Spread(IReadOnlyList<IReadOnlyList<RankOption>> layers, Func<RankOption, long> costOf, double most)
    {
        var chosen = layers.Select(options => options[0]).ToArray();
        var cost = chosen.Sum(costOf);
        var steps = layers.SelectMany((options, layer) => Hull(options, costOf).Select(step => (Layer: layer, step.Slope, step.To)))
            .OrderBy(step => step.Slope).ThenBy(step => step.Layer);
        foreach (var (layer, _, to) in steps)
        {
            if (cost <= most)
                break;
            cost += costOf(to) - costOf(chosen[layer]);
            chosen[layer] = to;
        }

        if (cost > most)
            return null;

        // What the last step saved beyond the need goes back, where it buys most.
        while (true)
        {
            var back = layers.SelectMany((options, layer) => options.Where(option => option.SquaredError < chosen[layer].SquaredError && cost + costOf(option) - costOf(chosen[layer]) <= most)
                .Select(option => (Layer: layer, Option: option, Gain: chosen[layer].SquaredError - option.SquaredError))).OrderByDescending(entry => entry.Gain).FirstOrDefault();
            if (back.Gain <= 0)
                return chosen;
            cost += costOf(back.Option) - costOf(chosen[back.Layer]);
            chosen[back.Layer] = back.Option;
        }
    }

    /// <summary>Steps down the lower convex hull, from the dearest option to the cheapest: error for each unit saved, which never falls.</summary>
    static List<(double Slope, RankOption To)> Hull(IReadOnlyList<RankOption> options, Func<RankOption, long> costOf)
    {
        var steps = new List<(double Slope, RankOption To)>();
        var at = options[0];
        while (true)
        {
            (double Slope, RankOption To)? best = null;
            foreach (var option in options)
            {
                if (costOf(option) >= costOf(at))
                    continue;
                var slope = (option.SquaredError - at.SquaredError) / (costOf(at) - costOf(option));
                if (best is null || slope < best.Value.Slope || (slope == best.Value.Slope && costOf(option) < costOf(best.Value.To)))
                    best = (slope, option);
            }

            if (best is not { } step)
                return steps;
            steps.Add(step);
            at = step.To;
        }
    }
}
