using Compress.Models;

namespace Compress.Factorization;

/// <summary>Nodes and weights that take a layer's place.</summary>
/// <param name="Nodes">The nodes in the order of running; the last makes the layer's own output.</param>
/// <param name="Weights">The new initializers, one for each node.</param>
sealed record Replacement(Node[] Nodes, Tensor[] Weights);

/// <summary>A layer in factors.</summary>
/// <param name="Ranks">The ranks in words.</param>
/// <param name="Replacement">The factors as nodes.</param>
/// <param name="Macs">Multiply-accumulates of the factors for one sample; null where sizes are not known.</param>
/// <param name="WeightError">‖W − Ŵ‖ / ‖W‖.</param>
sealed record Factored(string Ranks, Replacement Replacement, long? Macs, double WeightError);
