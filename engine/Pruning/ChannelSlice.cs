using Compress.Models;

namespace Compress.Pruning;

/// <summary>Where a group's channels lie in a constant.</summary>
/// <param name="Node">The node that takes the constant.</param>
/// <param name="Input">Which of its inputs.</param>
/// <param name="Axis">The axis along which channels lie.</param>
/// <param name="Indices">The indices of each channel along the axis, ascending: one, height · width of them behind a flatten, none where the constant holds a part of the channels.</param>
public sealed record ChannelSlice(Node Node, int Input, int Axis, int[][] Indices);
