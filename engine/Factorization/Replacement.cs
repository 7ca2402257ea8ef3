using Compress.Models;

namespace Compress.Factorization;

/// <summary>Nodes and weights that take a layer's place.</summary>
/// <param name="Nodes">The nodes in the order of running; the last makes the layer's own output.</param>
/// <param name="Weights">The new initializers, one for each node.</param>
sealed record Replacement(Node[] Nodes, Tensor[] Weights);
