using Compress.Models;

namespace Compress.Pruning;

/// <summary>
/// Channels that are made by the same layers. A channel is what can only go as a whole: filters of one or more layers, coupled by additions
/// and the like, and everything that is laid out by them.
/// </summary>
public sealed class ChannelGroup
{
    internal ChannelGroup(
        int[] classes, string? pinnedBy, IReadOnlyList<ChannelSlice> producers, IReadOnlyList<ChannelSlice> consumers, IReadOnlyList<ChannelSlice> riders,
        IReadOnlyList<Node> sizes, IReadOnlyList<Node> coupledBy)
    {
        (Classes, PinnedBy, Producers, Consumers, Riders, Sizes, CoupledBy) = (classes, pinnedBy, producers, consumers, riders, sizes, coupledBy);
        Width = producers.Max(slice => slice.Indices.Max(indices => indices.Length));
    }

    public int Channels => Classes.Length;

    /// <summary>Filters of a layer that make one channel: 1, or more where e.g. an attention head can only go as a whole.</summary>
    public int Width { get; }

    /// <summary>Layers whose filters are the channels.</summary>
    public IReadOnlyList<ChannelSlice> Producers { get; }

    /// <summary>Layers that read the channels.</summary>
    public IReadOnlyList<ChannelSlice> Consumers { get; }

    /// <summary>Constants that hold something for each channel: biases, normalization, slopes, depthwise filters.</summary>
    public IReadOnlyList<ChannelSlice> Riders { get; }

    /// <summary>Nodes with written sizes that count the channels: of Reshape, Split, Slice, and depthwise layers.</summary>
    public IReadOnlyList<Node> Sizes { get; }

    /// <summary>The nodes that made channels one that else could go apart, in the graph's order.</summary>
    public IReadOnlyList<Node> CoupledBy { get; }

    /// <summary>What keeps the channels as they are; null where they may go.</summary>
    public string? PinnedBy { get; }

    /// <summary>The class of units that each channel is.</summary>
    internal int[] Classes { get; }

    /// <summary>Everything that goes with a channel: entries of constants, by axis.</summary>
    /// <param name="channel">The channel, from 0.</param>
    public IEnumerable<(Node Node, int Input, int Axis, int[] Indices)> Entries(int channel) =>
        from slice in Producers.Concat(Consumers).Concat(Riders)
        where slice.Indices[channel].Length > 0
        select (slice.Node, slice.Input, slice.Axis, slice.Indices[channel]);
}
