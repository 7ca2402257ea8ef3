using Compress.Diagnostics;
using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Pruning;

/// <summary>
/// Removes whole filters: output channels of a layer, and with them the input channels of everything that reads it, so that weights
/// get smaller and nothing is masked.
/// </summary>
public sealed class FilterPruning : ITechnique
{
    public string Kind => "prune";

    public bool IsAsked(ModelPlan plan) => plan.Layers.Any(layer => layer.Prune is not null);

    public IEnumerable<Diagnostic> Foresee(Model model, ModelPlan plan, bool hasCalibration) =>
        hasCalibration ? [] : plan.Layers.Where(layer => layer.Prune is { Settings.Reconstruct: true }).Select(layer => NeedsData(layer.Prune!.Position)).Distinct();

    public IEnumerable<Layer> Treatable(Model model, IReadOnlyList<Layer> layers, TensorShapes shapes)
    {
        var free = ChannelAnalysis.Find(model.Graph, shapes).Where(group => group.PinnedBy is null && group.Channels > 1)
            .SelectMany(group => group.Producers).Select(slice => slice.Node).ToHashSet();
        return layers.Where(layer => free.Contains(layer.Node));
    }

    public IReadOnlyList<LayerChange> Apply(Model model, ModelPlan plan, CompressionContext context)
    {
        var graph = model.Graph;
        var shapes = context.MeasureShapes(model);
        var before = LayerCatalog.List(graph, shapes);
        var changes = new List<LayerChange>();
        var cuts = Choose(ChannelAnalysis.Find(graph, shapes), graph, plan, context, changes);
        if (cuts.Count == 0)
            return changes;

        var kept = cuts.SelectMany(cut => cut.Group.Producers.Select(slice => (slice.Node.Output(), cut.Kept)))
            .ToDictionary(entry => entry.Item1, entry => entry.Kept);
        foreach (var cut in cuts)
            ChannelRemoval.Keep(graph, cut.Group, cut.Kept);
        graph.RemoveDead();
        graph.ForgetShapes();

        var errors = Reconstruct(model, cuts, context, kept);
        var after = LayerCatalog.List(graph, context.MeasureShapes(model)).ToDictionary(layer => layer.Node);
        foreach (var layer in before.Where(layer => after[layer.Node].Parameters != layer.Parameters))
        {
            var cut = cuts.Find(cut => cut.Group.Producers.Exists(slice => slice.Node == layer.Node));
            changes.Add(new LayerChange(plan.Of(layer.Node)!.Layer.Name, layer.Op, Kind, cut?.Settings ?? "inputs follow their producer",
                LayerStates.Of(layer), LayerStates.Of(after[layer.Node]), errors.TryGetValue(layer.Node, out var error) ? error : null));
        }

        return changes;
    }

    List<Cut> Choose(
        IReadOnlyList<ChannelGroup> groups, Graph graph, ModelPlan plan, CompressionContext context, List<LayerChange> changes)
    {
        var cuts = new List<Cut>();
        foreach (var layer in plan.Layers)
        {
            if (layer.Prune is not { } asked || cuts.Exists(cut => cut.Group.Producers.Exists(slice => slice.Node == layer.Layer.Node)))
                continue;
            var group = groups.FirstOrDefault(group => group.Producers.Exists(slice => slice.Node == layer.Layer.Node));
            var reason = WhyNot(group, plan, layer);
            if (reason is null && Select(group!, graph, plan) is { } cut)
            {
                if (cut.Reconstruct == true && context.Calibration is null)
                    throw new CompressException(NeedsData(asked.Position));
                if (cut.Kept.Length < group!.Channels)
                    cuts.Add(cut);
                else
                    reason = $"{asked.Settings.Filters:0.##%} of {group.Channels} filters leaves all of them, as rounded";
            }

            // A depthwise layer that goes with its group is listed with what became of it.
            if (reason is null || (!asked.ByName && groups.Any(other => other.Riders.Exists(slice => slice.Node == layer.Layer.Node && slice.Input == 1))))
                continue;
            if (asked.ByName)
                throw Codes.CannotApply.Fail(asked.Position, $"cannot prune {layer.Layer}: {reason}");
            changes.Add(new LayerChange(layer.Layer.Name, layer.Layer.Op, Kind, asked.Settings.ToString(), Skipped: reason));
        }

        return cuts;
    }

    static string? WhyNot(ChannelGroup? group, ModelPlan plan, LayerPlan layer)
    {
        if (layer.Layer.Within is { } owner)
            return $"it stands in a body of {owner}, where channels are not followed";
        if (group is null)
        {
            return layer.Layer.IsDepthwise
                ? "a depthwise convolution has no filters of its own; prune the layer that feeds it"
                : "its channels cannot be followed through the graph";
        }

        if (group.PinnedBy is { } pinned)
            return pinned;
        var partner = group.Producers.Find(slice => plan.Of(slice.Node)?.Prune is null);
        return partner is null ? null : $"its filters are coupled to those of {partner.Node}, which no rule prunes; match that layer as well";
    }

    /// <summary>Coupled layers may be asked for different shares: the least of them counts.</summary>
    static Cut Select(ChannelGroup group, Graph graph, ModelPlan plan)
    {
        var settings = group.Producers.Select(slice => plan.Of(slice.Node)!.Prune!.Settings).ToList();
        var gentlest = settings.MinBy(setting => setting.Filters)!;
        var keep = group.Channels - (int)Math.Floor((group.Channels * gentlest.Filters) + 1e-9);
        var multiple = settings.Max(setting => setting.RoundTo);
        keep = (keep + multiple - 1) / multiple * multiple;
        keep = Math.Clamp(Math.Max(keep, settings.Max(setting => setting.KeepAtLeast)), 1, group.Channels);
        var kept = FilterImportance.Strongest(FilterImportance.Of(group, graph, gentlest.By), keep);
        var reconstruct = settings.Exists(setting => setting.Reconstruct == false) ? false : settings.Find(setting => setting.Reconstruct is not null)?.Reconstruct;
        var position = group.Producers.Select(slice => plan.Of(slice.Node)!.Prune!.Position).First();
        return new Cut(group, kept, $"{gentlest} -> {keep} of {group.Channels}", reconstruct, position);
    }

    Dictionary<Node, double> Reconstruct(Model model, List<Cut> cuts, CompressionContext context, Dictionary<string, int[]> kept)
    {
        var errors = new Dictionary<Node, double>();
        if (context.Calibration is null)
            return errors;
        var reconstruction = new Reconstruction(model, context, kept.GetValueOrDefault);
        var fitted = cuts.Where(cut => cut.Reconstruct != false).SelectMany(cut => cut.Group.Consumers).Select(slice => slice.Node).ToHashSet();
        var order = model.Graph.Nodes.Where(fitted.Contains).ToArray();
        for (var i = 0; i < order.Length; i++)
        {
            context.Report(Kind, (double)i / order.Length);
            if (reconstruction.Fit(order[i]) is var (_, after))
                errors[order[i]] = after;
            else if (cuts.Find(cut => cut.Reconstruct == true && cut.Group.Consumers.Exists(slice => slice.Node == order[i])) is { } asked)
                context.Diagnostics.Add(Codes.NotRefitted.At(asked.Position, $"{order[i]} could not be re-fitted: it is grouped, or not two-dimensional, or there are fewer than {Reconstruction.LeastSamples} samples"));
        }

        return errors;
    }

    static Diagnostic NeedsData(SourcePosition position) =>
        Codes.DataNeeded.At(position, "'reconstruct: true' needs calibration data; name some under 'data: calibration'");

    /// <summary>A group and the channels that stay.</summary>
    sealed record Cut(ChannelGroup Group, int[] Kept, string Settings, bool? Reconstruct, SourcePosition Position);
}
