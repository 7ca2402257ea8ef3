using Compress.Models;

namespace Compress.Pruning.Dependencies;

/// <summary>An axis of a constant whose entries go with their units.</summary>
/// <param name="Node">The node that takes the constant.</param>
/// <param name="Input">Which of its inputs.</param>
/// <param name="Axis">The axis.</param>
/// <param name="Role">What the constant is to the units.</param>
/// <param name="Units">The unit of each index along the axis; <see cref="Trace.Fixed"/> where an index always stays.</param>
sealed record UnitSlice(Node Node, int Input, int Axis, SliceRole Role, int[] Units);
