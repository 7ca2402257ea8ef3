using System.Numerics;
using Compress.Diagnostics;
using Compress.Policies;

namespace Compress.Pruning;

/// <summary>What the rules ask of a group. Coupled layers may be asked for different shares: the least of them counts.</summary>
sealed record PruneRequest(PruneSettings Settings, int Keep, bool? Reconstruct, SourcePosition Position)
{
    public static PruneRequest Of(ChannelGroup group, ModelPlan plan)
    {
        var planned = group.Producers.Select(slice => plan.Of(slice.Node)!.Prune!).ToList();
        var settings = planned.ConvertAll(prune => prune.Settings);
        var gentlest = settings.MinBy(setting => setting.Filters)!;
        var keep = group.Channels - (int)Math.Floor((group.Channels * gentlest.Filters) + 1e-9);
        // Multiples and floors are of filters, of which a channel may have several.
        var multiple = settings.Max(setting => setting.RoundTo);
        multiple /= (int)BigInteger.GreatestCommonDivisor(multiple, group.Width);
        keep = (keep + multiple - 1) / multiple * multiple;
        var least = (settings.Max(setting => setting.KeepAtLeast) + group.Width - 1) / group.Width;
        keep = Math.Clamp(Math.Max(keep, least), 1, group.Channels);
        var reconstruct = settings.Exists(setting => setting.Reconstruct == false) ? false : settings.Find(setting => setting.Reconstruct is not null)?.Reconstruct;
        return new PruneRequest(gentlest, keep, reconstruct, planned[0].Position);
    }
}
