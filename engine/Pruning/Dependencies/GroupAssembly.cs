using Compress.Models;

namespace Compress.Pruning.Dependencies;

/// <summary>Makes groups of the classes that the same layers make; classes that are pinned are apart from those that may go.</summary>
static class GroupAssembly
{
    public static IReadOnlyList<ChannelGroup> Of(DependencyGraph dependencies, Trace trace)
    {
        var makers = Makers(dependencies);
        var groups = makers.Keys.GroupBy(each => (string.Join(',', makers[each]), trace.Units.PinOf(each)))
            .Select(group => (Pin: group.Key.Item2, Classes: group.ToArray())).ToArray();
        var channelOf = new Dictionary<int, (int Group, int Channel)>();
        foreach (var (g, group) in groups.Index())
        {
            foreach (var (channel, each) in group.Classes.Index())
                channelOf.Add(each, (g, channel));
        }

        var slices = Enum.GetValues<SliceRole>().Select(role => Spread(dependencies.Slices.Where(slice => slice.Role == role), groups, channelOf)).ToArray();
        var order = trace.Graph.Nodes.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        var couplings = Nodes(trace.Units.Joins.Select(join => (trace.Units.Find(join.Unit), join.By)));
        var sizes = Nodes(dependencies.Sizes.SelectMany(size => size.Classes.Distinct().Select(each => (each, size.Place.Node))));
        return [.. groups.Select((group, g) => new ChannelGroup(group.Classes, group.Pin, slices[(int)SliceRole.Producer][g],
            slices[(int)SliceRole.Consumer][g], slices[(int)SliceRole.Rider][g], sizes[g], couplings[g]))];

        IReadOnlyList<Node>[] Nodes(IEnumerable<(int Class, Node Node)> found)
        {
            var nodes = groups.Select(_ => new HashSet<Node>()).ToArray();
            foreach (var (each, node) in found)
            {
                if (channelOf.TryGetValue(each, out var place))
                    nodes[place.Group].Add(node);
            }

            return [.. nodes.Select(set => set.OrderBy(node => order[node]).ToArray())];
        }
    }

    /// <summary>Which producers make a class, in the order of the first.</summary>
    static Dictionary<int, List<int>> Makers(DependencyGraph dependencies)
    {
        var makers = new Dictionary<int, List<int>>();
        foreach (var (p, producer) in dependencies.Slices.Where(slice => slice.Role == SliceRole.Producer).Index())
        {
            foreach (var each in producer.Units)
            {
                if (!makers.TryGetValue(each, out var list))
                    makers.Add(each, list = []);
                if (list is [] || list[^1] != p)
                    list.Add(p);
            }
        }

        return makers;
    }

    /// <summary>For each group, what it has in each constant.</summary>
    static List<ChannelSlice>[] Spread(
        IEnumerable<UnitSlice> slices, (string? Pin, int[] Classes)[] groups, Dictionary<int, (int Group, int Channel)> channelOf)
    {
        var spread = groups.Select(_ => new List<ChannelSlice>()).ToArray();
        foreach (var slice in slices)
        {
            var parts = slice.Units.Index().Where(entry => entry.Item >= 0).GroupBy(entry => channelOf[entry.Item].Group);
            foreach (var part in parts)
            {
                var indices = part.ToLookup(entry => channelOf[entry.Item].Channel, entry => entry.Index);
                spread[part.Key].Add(new ChannelSlice(slice.Node, slice.Input, slice.Axis,
                    [.. Enumerable.Range(0, groups[part.Key].Classes.Length).Select(channel => indices[channel].ToArray())]));
            }
        }

        return spread;
    }
}
