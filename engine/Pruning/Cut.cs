using Compress.Models;

namespace Compress.Pruning;

/// <summary>A group and the channels that stay.</summary>
/// <param name="Group">The group.</param>
/// <param name="Kept">The channels that stay, ascending.</param>
/// <param name="Request">What the rules asked of the group.</param>
sealed record Cut(ChannelGroup Group, int[] Kept, PruneRequest Request)
{
    public bool IsMadeBy(Node node) => Group.Producers.Any(slice => slice.Node == node);

    public bool IsReadBy(Node node) => Group.Consumers.Any(slice => slice.Node == node);

    /// <summary>Whether a rule asked for this cut at that layer, rather than at the other end of the channels.</summary>
    public bool IsAskedOf(Node node) => Request.Ranked.Any(slice => slice.Node == node);
}
