using System.Numerics;
using Compress.Diagnostics;
using Compress.Policies;

namespace Compress.Pruning;

/// <summary>What the rules ask of a group. Coupled layers may be asked for different shares: the least of them counts.</summary>
/// <param name="Settings">The settings with the least share.</param>
/// <param name="Ranked">The layers that were asked, and by which channels are ranked: those that make them, or those that read them.</param>
/// <param name="Channels">How many channels there are.</param>
/// <param name="Multiple">The number of channels kept is a multiple of this.</param>
/// <param name="Least">So many channels stay at least.</param>
/// <param name="Reconstruct">Whether readers are re-fitted; null means where there is data.</param>
/// <param name="Position">Where the rule stands.</param>
sealed record PruneRequest(
    PruneSettings Settings, IReadOnlyList<ChannelSlice> Ranked, int Channels, int Multiple, int Least, bool? Reconstruct, SourcePosition Position)
{
    /// <summary>How many channels stay where groups do not compete.</summary>
    public int Keep => Rounded(Channels - (int)Math.Floor((Channels * Settings.Share) + 1e-9));

    public static PruneRequest Of(ChannelGroup group, IReadOnlyList<ChannelSlice> asked, ModelPlan plan)
    {
        var planned = asked.Select(slice => plan.Of(slice.Node)!.Prune!).ToList();
        var settings = planned.ConvertAll(prune => prune.Settings);
        var gentlest = planned.MinBy(prune => prune.Settings.Share)!;
        // Multiples and floors are of filters, of which a channel may have several.
        var multiple = settings.Max(setting => setting.RoundTo);
        multiple /= (int)BigInteger.GreatestCommonDivisor(multiple, group.Width);
        var least = (settings.Max(setting => setting.KeepAtLeast) + group.Width - 1) / group.Width;
        var reconstruct = settings.Exists(setting => setting.Reconstruct == false) ? false : settings.Find(setting => setting.Reconstruct is not null)?.Reconstruct;
        return new PruneRequest(gentlest.Settings, asked, group.Channels, multiple, least, reconstruct, gentlest.Position);
    }

    /// <summary>The number of channels to keep that is nearest above a wanted one.</summary>
    public int Rounded(int keep)
    {
        var multiple = ((long)Math.Max(keep, 1) + Multiple - 1) / Multiple * Multiple;
        return (int)Math.Clamp(Math.Max(multiple, Least), 1, Channels);
    }
}
