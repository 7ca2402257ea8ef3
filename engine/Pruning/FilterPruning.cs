using Compress.Diagnostics;
using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Pruning.Dependencies;
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
        var cuts = Choose(dependencies, graph, plan, context, changes);
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
            var cut = cuts.Find(cut => cut.IsMadeBy(layer.Node));
            changes.Add(new LayerChange(plan.Of(layer.Node)!.Layer.Name, layer.Op, Kind,
                cut is null ? "inputs follow their producer" : $"{cut.Settings} -> {kept[layer.Node].Length} of {filters[layer.Node]}",
                LayerStates.Of(layer), LayerStates.Of(after[layer.Node]), errors.TryGetValue(layer.Node, out var error) ? error : null));
        }

        return changes;
    }

    List<Cut> Choose(DependencyGraph dependencies, Graph graph, ModelPlan plan, CompressionContext context, List<LayerChange> changes)
    {
        var asked = dependencies.Groups.Where(group => group.Producers.Any(slice => plan.Of(slice.Node)?.Prune is not null)).ToList();
        var reasons = asked.ToDictionary(group => group, group => WhyNot(group, plan));
        var requests = asked.Where(group => reasons[group] is null).ToDictionary(group => group, group => PruneRequest.Of(group, plan));
        if (context.Calibration is null && requests.Values.FirstOrDefault(request => request.Reconstruct == true) is { } needy)
            throw new CompressException(NeedsData(needy.Position));
        var kept = ChannelSelection.Choose(dependencies,
            requests.ToDictionary(entry => entry.Key, entry => (FilterImportance.Of(entry.Key, graph, entry.Value.Settings.By), entry.Value.Keep)));

        var cuts = new List<Cut>();
        foreach (var (group, request) in requests)
        {
            if (kept[group].Length < group.Channels)
                cuts.Add(new Cut(group, kept[group], request));
            else
                reasons[group] = $"{request.Settings.Filters:0.##%} of {group.Channels * group.Width} filters leaves all of them, as rounded";
        }

        foreach (var layer in plan.Layers.Where(layer => layer.Prune is not null && !cuts.Exists(cut => cut.IsMadeBy(layer.Layer.Node))))
            Skip(layer, dependencies, WhyNot(layer, asked, reasons), changes);
        return cuts;
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

    static string WhyNot(LayerPlan layer, List<ChannelGroup> groups, Dictionary<ChannelGroup, string?> reasons)
    {
        if (layer.Layer.Within is { } owner)
            return $"it stands in a body of {owner}, where channels are not followed";
        if (groups.Find(group => group.Producers.Any(slice => slice.Node == layer.Layer.Node)) is { } group)
            return reasons[group]!;
        return layer.Layer.IsDepthwise
            ? "a depthwise convolution has no filters of its own; prune the layer that feeds it"
            : "its channels cannot be followed through the graph";
    }

    static string? WhyNot(ChannelGroup group, ModelPlan plan)
    {
        if (group.PinnedBy is { } pinned)
            return pinned;
        var partner = group.Producers.FirstOrDefault(slice => plan.Of(slice.Node)?.Prune is null);
        return partner is null ? null : $"its filters are coupled to those of {partner.Node}, which no rule prunes; match that layer as well";
    }

    Dictionary<Node, double> Reconstruct(Model model, List<Cut> cuts, CompressionContext context, Dictionary<string, int[]> kept)
    {
        var errors = new Dictionary<Node, double>();
        if (context.Calibration is null)
            return errors;
        var reconstruction = new Reconstruction(model, context, kept.GetValueOrDefault);
        var fitted = cuts.Where(cut => cut.Request.Reconstruct != false).SelectMany(cut => cut.Group.Consumers).Select(slice => slice.Node).ToHashSet();
        var order = model.Graph.Nodes.Where(fitted.Contains).ToArray();
        for (var i = 0; i < order.Length; i++)
        {
            context.Report(Kind, (double)i / order.Length);
            if (CanFit(model.Graph, order[i]) && reconstruction.Fit(order[i]) is var (_, after))
                errors[order[i]] = after;
            else if (cuts.Find(cut => cut.Request.Reconstruct == true && cut.Group.Consumers.Any(slice => slice.Node == order[i])) is { } asked)
                context.Diagnostics.Add(Codes.NotRefitted.At(asked.Request.Position, $"{order[i]} could not be re-fitted: it is grouped, or not two-dimensional, or there are fewer than {Reconstruction.LeastSamples} samples"));
        }

        return errors;
    }

    static Diagnostic NeedsData(SourcePosition position) =>
        Codes.DataNeeded.At(position, "'reconstruct: true' needs calibration data; name some under 'data: calibration'");

    /// <summary>Whether the weight is the second factor of a product whose first has one row for each sample or position.</summary>
    static bool CanFit(Graph graph, Node node) => node.Is("Conv")
        || (node.Is("Gemm", "MatMul") && node.Int("transA") == 0 && graph.Initializer(node.Input(1)) is { Shape.Length: 2 });

    /// <summary>A group and the channels that stay.</summary>
    sealed record Cut(ChannelGroup Group, int[] Kept, PruneRequest Request)
    {
        public PruneSettings Settings => Request.Settings;

        public bool IsMadeBy(Node node) => Group.Producers.Any(slice => slice.Node == node);
    }
}
