using Compress.Diagnostics;
using Compress.Layers;

namespace Compress.Policies;

/// <summary>Turns the rules of a policy into a plan for each layer of a model.</summary>
public static class PlanResolver
{
    const int ShownNames = 3;
    const int ShownForms = 6;

    /// <summary>Applies the rules from top to bottom; for each technique the last rule that mentions it holds.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="layers">The model's layers.</param>
    /// <param name="diagnostics">Takes a warning CMP1008 for each rule that matches no layer.</param>
    public static ModelPlan Resolve(Policy policy, IReadOnlyList<Layer> layers, DiagnosticBag diagnostics)
    {
        var plans = layers.Select(layer => new LayerPlan(layer)).ToArray();
        foreach (var rule in policy.Rules)
        {
            var matched = Matches(rule, layers);
            if (matched.Count == 0)
                diagnostics.Add(Codes.MatchesNothing.At(rule.Position, $"the rule matches no layer: {rule.MatchText}; {WhatThereIs(rule, layers)}"));
            foreach (var layer in matched)
                plans[layer.Index] = Apply(rule, plans[layer.Index], layers.Count);
        }

        return new ModelPlan(plans) { Budget = policy.FactorizeBudget };
    }

    /// <summary>The layers that a rule is for, in the model's order.</summary>
    public static IReadOnlyList<Layer> Matches(Rule rule, IReadOnlyList<Layer> layers) =>
        [.. layers.Where(layer => rule.Matches.Any(match => match.Matches(layer, layers.Count)))];

    static LayerPlan Apply(Rule rule, LayerPlan plan, int count)
    {
        var byName = rule.Matches.Any(match => match.NamesOneLayer && match.Matches(plan.Layer, count));
        return plan with
        {
            Prune = Choose(plan.Prune, rule.Prune, byName),
            PruneWeights = Choose(plan.PruneWeights, rule.PruneWeights, byName),
            Tucker = Choose(plan.Tucker, rule.Tucker, byName),
            Svd = Choose(plan.Svd, rule.Svd, byName),
            Cp = Choose(plan.Cp, rule.Cp, byName),
            Cluster = Choose(plan.Cluster, rule.Cluster, byName),
            Quantize = Choose(plan.Quantize, rule.Quantize, byName),
        };
    }

    static Planned<T>? Choose<T>(Planned<T>? before, Choice<T>? choice, bool byName)
        where T : class => choice switch
        {
            null => before,
            { Settings: null } => null,
            { Settings: var settings } => new Planned<T>(settings, choice.Position, byName),
        };

    /// <summary>What the user may have meant: the nearest names, or the kinds of layers that there are.</summary>
    static string WhatThereIs(Rule rule, IReadOnlyList<Layer> layers)
    {
        if (layers.Count == 0)
            return "the model has no layer";
        if (rule.Matches.FirstOrDefault(match => match.Name is not null)?.Name is { } name && !layers.Any(layer => name.Matches(layer.Name)))
            return $"the nearest names are {string.Join(", ", Spelling.Nearest(name.Pattern, layers.Select(layer => layer.Name), ShownNames))}";
        var forms = layers.Select(Form).Distinct().ToList();
        return $"the model's {layers.Count} layers are {string.Join(", ", forms.Take(ShownForms))}{(forms.Count > ShownForms ? ", …" : "")}";
    }

    static string Form(Layer layer) => layer.Kernel.Length > 0 ? $"{layer.Op} {string.Join('x', layer.Kernel)}" : layer.Op;
}
