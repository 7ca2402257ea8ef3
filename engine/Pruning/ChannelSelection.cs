namespace Compress.Pruning;

/// <summary>Decides which channels of some groups stay, so that no axis of any tensor is left without an index.</summary>
public static class ChannelSelection
{
    /// <summary>
    /// The most important channels of each group. Where a tensor that holds a part of the channels would be left with none, the most
    /// important of that part takes the place of the least important that would else have stayed.
    /// </summary>
    /// <param name="dependencies">What the groups are part of.</param>
    /// <param name="wanted">For each group, the importance of its channels and how many are to stay, at least one.</param>
    /// <returns>The channels that stay, ascending.</returns>
    public static IReadOnlyDictionary<ChannelGroup, int[]> Choose(
        DependencyGraph dependencies, IReadOnlyDictionary<ChannelGroup, (double[] Importance, int Keep)> wanted)
    {
        var channelOf = wanted.Keys.SelectMany(group => group.Classes.Select((each, channel) => (each, group, channel)))
            .ToDictionary(entry => entry.each, entry => (Group: entry.group, Channel: entry.channel));
        var needed = wanted.Keys.ToDictionary(group => group, _ => new HashSet<int>());
        while (true)
        {
            var kept = wanted.ToDictionary(entry => entry.Key, entry => Strongest(entry.Value.Importance, entry.Value.Keep, needed[entry.Key]));
            var gone = ChannelRemoval.Gone(kept);
            if (dependencies.NeverEmpty.FirstOrDefault(classes => Array.TrueForAll(classes, gone.Contains)) is not { } empty)
                return kept;
            var (group, channel) = empty.Select(each => channelOf[each])
                .MaxBy(place => (wanted[place.Group].Importance[place.Channel], -place.Channel));
            needed[group].Add(channel);
        }
    }

    /// <summary>The channels to keep, ascending. Ties keep the lower index, so that the choice never depends on the sort.</summary>
    static int[] Strongest(double[] importance, int count, HashSet<int> needed) =>
    [
        .. Enumerable.Range(0, importance.Length).OrderByDescending(needed.Contains).ThenByDescending(channel => importance[channel]).ThenBy(channel => channel)
            .Take(Math.Max(count, needed.Count)).Order(),
    ];
}
