using Compress.Models;

namespace Compress.Pruning;

/// <summary>
/// Channels that can only go together: filters of one or more layers, coupled by additions and the like, and everything that
/// is laid out by them. Channel c is one filter of every producer and one block of inputs of every consumer.
/// </summary>
public sealed class ChannelGroup
{
    internal ChannelGroup(int channels) => Channels = channels;

    public int Channels { get; }

    /// <summary>Layers whose filters are the channels.</summary>
    public List<ChannelSlice> Producers { get; } = [];

    /// <summary>Layers that read the channels.</summary>
    public List<ChannelSlice> Consumers { get; } = [];

    /// <summary>Constants that hold something for each channel: biases, normalization, slopes, depthwise filters, sizes.</summary>
    public List<ChannelSlice> Riders { get; } = [];

    /// <summary>What keeps the channels as they are; null where they may go.</summary>
    public string? PinnedBy { get; private set; }

    internal void Pin(string reason) => PinnedBy ??= reason;

    internal void Absorb(ChannelGroup other)
    {
        Producers.AddRange(other.Producers);
        Consumers.AddRange(other.Consumers);
        Riders.AddRange(other.Riders);
        if (other.PinnedBy is { } reason)
            Pin(reason);
    }
}

/// <summary>Where a group's channels lie in a constant.</summary>
/// <param name="Node">The node that takes the constant.</param>
/// <param name="Input">Which of its inputs.</param>
/// <param name="Axis">The axis along which channels lie.</param>
/// <param name="Block">Consecutive entries for each channel: 1, or height · width behind a flatten.</param>
public sealed record ChannelSlice(Node Node, int Input, int Axis, int Block = 1);
