using Compress.Policies;

namespace Compress.Pruning;

/// <summary>
/// Lets the groups that one rule prunes compete: the share goes of all of their filters, the least important first. Importance has the
/// mean 1 in each group, so that groups are compared by how unequal their channels are, not by how large their weights are.
/// </summary>
static class GlobalScope
{
    /// <summary>How many channels of each group stay, at least one. Groups whose rule does not ask for it keep as many as they would alone.</summary>
    public static IReadOnlyDictionary<ChannelGroup, int> Keep(IReadOnlyDictionary<ChannelGroup, (double[] Importance, PruneRequest Request)> ranked)
    {
        var keep = ranked.ToDictionary(entry => entry.Key, entry => entry.Value.Request.Keep);
        foreach (var pool in ranked.Where(entry => entry.Value.Request.Settings.Scope == PruneScope.Global).GroupBy(entry => entry.Value.Request.Position))
        {
            var groups = pool.ToList();
            foreach (var (group, _) in groups)
                keep[group] = group.Channels;
            var budget = (groups.Sum(entry => (long)entry.Key.Channels * Filters(entry.Key)) * groups[0].Value.Request.Settings.Share) + 1e-9;
            var candidates = groups.SelectMany(entry => entry.Value.Importance.Select(importance => (importance, entry.Key, entry.Value.Request)));
            foreach (var (_, group, request) in candidates.OrderBy(candidate => candidate.importance))
            {
                if (Filters(group) > budget || keep[group] <= request.Rounded(1))
                    continue;
                keep[group]--;
                budget -= Filters(group);
            }

            foreach (var (group, (_, request)) in groups)
                keep[group] = request.Rounded(keep[group]);
        }

        return keep;
    }

    /// <summary>The filters that go with one channel.</summary>
    static int Filters(ChannelGroup group) => group.Width * group.Producers.Count;
}
