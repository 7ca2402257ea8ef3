using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Pruning;

/// <summary>Decides which channels of which groups go, and says of the layers that keep all of theirs why.</summary>
sealed class CutChoice(Model model, DependencyGraph dependencies, ModelPlan plan, CompressionContext context)
{
    readonly Dictionary<ChannelGroup, string> reasons = [];

    /// <summary>The groups that lose channels.</summary>
    /// <exception cref="CompressException">CMP3007: data is asked for, and there is none.</exception>
    public List<Cut> Cuts()
    {
        var requests = new Dictionary<ChannelGroup, PruneRequest>();
        foreach (var group in dependencies.Groups)
        {
            var (byFilters, byChannels) = (Asked(group.Producers, false), Asked(group.Consumers, true));
            if (!byFilters && !byChannels)
                continue;
            if ((byFilters ? WhyNotFilters(group) : WhyNotChannels(group)) is { } reason)
                reasons.Add(group, reason);
            else
                requests.Add(group, PruneRequest.Of(group, byFilters ? group.Producers : group.Consumers, plan));
        }

        var needs = requests.Values.Select(request => FilterPruning.NeedOfData(request.Settings, request.Reconstruct, request.Position));
        if (context.Calibration is null && needs.FirstOrDefault(need => need is not null) is { } need)
            throw new CompressException(need);
        return Cuts(Ranked(requests));
    }

    /// <summary>Why a layer that a rule prunes keeps all of its filters, or of its input channels.</summary>
    public string WhyNot(LayerPlan layer)
    {
        var (node, ofChannels) = (layer.Layer.Node, layer.Prune!.Settings.Channels is not null);
        if (layer.Layer.Within is { } owner)
            return $"it stands in a body of {owner}, where channels are not followed";
        if (dependencies.Groups.FirstOrDefault(group => (ofChannels ? group.Consumers : group.Producers).Any(slice => slice.Node == node) && reasons.ContainsKey(group)) is { } group)
            return reasons[group];
        if (layer.Layer.IsDepthwise)
            return ofChannels ? "a depthwise convolution reads each channel by itself; prune the layer behind it" : "a depthwise convolution has no filters of its own; prune the layer that feeds it";
        return ofChannels ? "no layer that can be followed makes its input channels" : "its channels cannot be followed through the graph";
    }

    bool Asked(IReadOnlyList<ChannelSlice> slices, bool ofChannels) => slices.Any(slice => IsAsked(slice.Node, ofChannels));

    bool IsAsked(Node node, bool ofChannels) => plan.Of(node)?.Prune is { } prune && prune.Settings.Channels is not null == ofChannels;

    string? WhyNotFilters(ChannelGroup group)
    {
        if (group.PinnedBy is { } pinned)
            return pinned;
        var partner = group.Producers.FirstOrDefault(slice => !IsAsked(slice.Node, false));
        return partner is null ? null : $"its filters are coupled to those of {partner.Node}, which no rule prunes; match that layer as well";
    }

    string? WhyNotChannels(ChannelGroup group)
    {
        if (group.PinnedBy is { } pinned)
            return $"of its input channels: {pinned}";
        var other = group.Consumers.FirstOrDefault(slice => !IsAsked(slice.Node, true));
        return other is null ? null : $"its input channels are read by {other.Node} too, of which no rule prunes channels; match that layer as well";
    }

    Dictionary<ChannelGroup, (double[] Importance, PruneRequest Request)> Ranked(Dictionary<ChannelGroup, PruneRequest> requests)
    {
        var ranking = new ChannelRanking(model, dependencies, context);
        var ranked = new Dictionary<ChannelGroup, (double[], PruneRequest)>();
        foreach (var (i, (group, request)) in requests.Index())
        {
            context.Report("prune", (double)i / requests.Count / 2);
            if (request.Keep == group.Channels && request.Settings.Scope == PruneScope.Layer)
            {
                reasons.Add(group, LeavesAll(group, request));
                continue;
            }

            var (importance, whyNot) = ranking.Of(group, request);
            if (importance is null)
                reasons.Add(group, whyNot!);
            else
                ranked.Add(group, (importance, request));
        }

        return ranked;
    }

    List<Cut> Cuts(Dictionary<ChannelGroup, (double[] Importance, PruneRequest Request)> ranked)
    {
        var keep = GlobalScope.Keep(ranked);
        var kept = ChannelSelection.Choose(dependencies, ranked.ToDictionary(entry => entry.Key, entry => (entry.Value.Importance, keep[entry.Key])));
        var cuts = new List<Cut>();
        foreach (var (group, (_, request)) in ranked)
        {
            if (kept[group].Length < group.Channels)
                cuts.Add(new Cut(group, kept[group], request));
            else
                reasons.Add(group, request.Settings.Scope == PruneScope.Global ? "all of its filters are among those that stay" : LeavesAll(group, request));
        }

        return cuts;
    }

    static string LeavesAll(ChannelGroup group, PruneRequest request) =>
        $"{request.Settings.Share:0.##%} of {group.Channels * group.Width} {(request.Settings.Channels is null ? "filters" : "channels")} leaves all of them, as rounded";
}
