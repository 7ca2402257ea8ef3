using Compress.Diagnostics;
using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Pruning.Dependencies;
using Compress.Regression;
using Compress.Techniques;

namespace Compress.Pruning;

/// <summary>
/// Removes whole filters: output channels of a layer, and with them the input channels of everything that reads it, so that weights
/// get smaller and nothing is masked. Or it removes input channels, and with them the filters that make them.
/// </summary>
public sealed class FilterPruning : ITechnique
{
    public string Kind => "prune";

    public bool IsAsked(ModelPlan plan) => plan.Layers.Any(layer => layer.Prune is not null);

    public IEnumerable<Diagnostic> Foresee(Model model, ModelPlan plan, bool hasCalibration) =>
        hasCalibration ? [] : plan.Layers.Select(layer => layer.Prune is { } prune ? NeedOfData(prune.Settings, prune.Settings.Reconstruct, prune.Position) : null).OfType<Diagnostic>().Distinct();

    public IEnumerable<Layer> Treatable(Model model, IReadOnlyList<Layer> layers, TensorShapes shapes)
    {
        var free = ChannelAnalysis.Find(model.Graph, shapes).Groups.Where(group => group.PinnedBy is null && group.Channels > 1)
            .SelectMany(group => group.Producers).Select(slice => slice.Node).ToHashSet();
        return layers.Where(layer => free.Contains(layer.Node));
    }

    public IReadOnlyList<LayerChange> Apply(Model model, ModelPlan plan, CompressionContext context)
    {
        var graph = model.Graph;
        var shapes = context.MeasureShapes(model);
        var before = LayerCatalog.List(graph, shapes);
        var changes = new List<LayerChange>();
        var dependencies = ChannelAnalysis.Find(graph, shapes);
        var choice = new CutChoice(model, dependencies, plan, context);
        var cuts = choice.Cuts();
        foreach (var layer in plan.Layers.Where(layer => layer.Prune is not null && !cuts.Exists(cut => cut.IsAskedOf(layer.Layer.Node))))
            Skip(layer, dependencies, choice.WhyNot(layer), changes);
        if (cuts.Count == 0)
            return changes;

        var channels = cuts.ToDictionary(cut => cut.Group, cut => cut.Kept);
        var gone = ChannelRemoval.Gone(channels);
        var filters = dependencies.Slices.Where(slice => slice.Role == SliceRole.Producer).ToDictionary(slice => slice.Node, slice => slice.Units.Length);
        var kept = dependencies.Slices.Where(slice => slice.Role == SliceRole.Producer && slice.Units.Any(gone.Contains))
            .ToDictionary(slice => slice.Node, slice => ChannelRemoval.Kept(slice.Units, gone));
        ChannelRemoval.Keep(graph, dependencies, channels);
        graph.RemoveDead();
        graph.ForgetShapes();

        var errors = Reconstruct(model, cuts, context, kept.ToDictionary(entry => entry.Key.Output(), entry => entry.Value));
        var after = LayerCatalog.List(graph, context.MeasureShapes(model)).ToDictionary(layer => layer.Node);
        foreach (var layer in before.Where(layer => after[layer.Node].Parameters != layer.Parameters))
        {
            (double Before, double After)? error = errors.TryGetValue(layer.Node, out var measured) ? measured : null;
            changes.Add(new LayerChange(plan.Of(layer.Node)!.Layer.Name, layer.Op, Kind, Describe(layer.Node, cuts, () => (kept[layer.Node].Length, filters[layer.Node])),
                LayerStates.Of(layer), LayerStates.Of(after[layer.Node]), error?.After, ErrorBefore: error?.Before));
        }

        return changes;
    }

    void Skip(LayerPlan layer, DependencyGraph dependencies, string reason, List<LayerChange> changes)
    {
        // A depthwise layer that goes with its group is listed with what became of it.
        if (!layer.Prune!.ByName && dependencies.Groups.Any(other => other.Riders.Any(slice => slice.Node == layer.Layer.Node && slice.Input == 1)))
            return;
        if (layer.Prune.ByName)
            throw Codes.CannotApply.Fail(layer.Prune.Position, $"cannot prune {layer.Layer}: {reason}");
        changes.Add(new LayerChange(layer.Layer.Name, layer.Layer.Op, Kind, layer.Prune.Settings.ToString(), Skipped: reason));
    }

    /// <summary>What was asked of a layer and how many of its filters or input channels stay, or what made it smaller.</summary>
    static string Describe(Node node, List<Cut> cuts, Func<(int Kept, int All)> filters)
    {
        var parts = new List<string>();
        var asked = cuts.FindAll(cut => cut.IsAskedOf(node));
        if (asked.Find(cut => cut.Request.Settings.Channels is null && cut.IsMadeBy(node)) is { } byFilters)
            parts.Add($"{byFilters.Request.Settings} -> {filters().Kept} of {filters().All}");
        if (asked.FindAll(cut => cut.Request.Settings.Channels is not null && cut.IsReadBy(node)) is [var first, ..] byChannels)
            parts.Add($"{first.Request.Settings} -> {byChannels.Sum(cut => cut.Kept.Length)} of {byChannels.Sum(cut => cut.Group.Channels)}");
        if (cuts.Exists(cut => cut.IsMadeBy(node) && cut.Request.Settings.Channels is not null))
            parts.Add("filters follow their readers");
        return parts.Count > 0 ? string.Join("; ", parts) : "inputs follow their producer";
    }

    Dictionary<Node, (double Before, double After)> Reconstruct(Model model, List<Cut> cuts, CompressionContext context, Dictionary<string, int[]> kept)
    {
        var errors = new Dictionary<Node, (double, double)>();
        if (context.Calibration is null)
            return errors;
        var fitted = cuts.Where(cut => cut.Request.Reconstruct != false).SelectMany(cut => cut.Group.Consumers).Select(slice => slice.Node).ToHashSet();
        var order = model.Graph.Nodes.Where(fitted.Contains).ToArray();
        using var reconstruction = new Reconstruction(model, context, order, kept.GetValueOrDefault);
        for (var i = 0; i < order.Length; i++)
        {
            context.Report(Kind, 0.5 + ((double)i / order.Length / 2));
            if (reconstruction.Fit(order[i]) is { } error)
                errors[order[i]] = error;
            else if (cuts.Find(cut => cut.Request.Reconstruct == true && cut.Group.Consumers.Any(slice => slice.Node == order[i])) is { } asked)
                context.Diagnostics.Add(Codes.NotRefitted.At(asked.Request.Position, $"{order[i]} could not be re-fitted: it is grouped or transposed, or its kernel has three axes, or there are fewer than {Reconstruction.LeastSamples} samples"));
        }

        return errors;
    }

    /// <summary>What is wrong with settings where there is no calibration data; null where nothing is.</summary>
    internal static Diagnostic? NeedOfData(PruneSettings settings, bool? reconstruct, SourcePosition position)
    {
        var need = settings.RanksOnData ? $"by: {PruneSettings.NameOf(settings.By)}" : reconstruct == true ? "reconstruct: true" : null;
        return need is null ? null : NeedsData(need, position);
    }

    internal static Diagnostic NeedsData(string setting, SourcePosition position) =>
        Codes.DataNeeded.At(position, $"'{setting}' needs calibration data; name some under 'data: calibration'");
}
