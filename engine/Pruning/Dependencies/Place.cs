using Compress.Models;

namespace Compress.Pruning.Dependencies;

/// <summary>Where a written number lies: at a position of a node's constant input, or of one of its attributes.</summary>
/// <param name="Node">The node.</param>
/// <param name="Input">Which of its inputs; −1 for an attribute.</param>
/// <param name="Position">The position in the constant or in the attribute's list.</param>
/// <param name="Attribute">The attribute's name; null for an input.</param>
sealed record Place(Node Node, int Input, int Position, string? Attribute = null);
