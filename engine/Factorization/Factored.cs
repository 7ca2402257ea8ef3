namespace Compress.Factorization;

/// <summary>A layer in factors.</summary>
/// <param name="Ranks">The ranks in words.</param>
/// <param name="Replacement">The factors as nodes.</param>
/// <param name="Macs">Multiply-accumulates of the factors for one sample; null where sizes are not known.</param>
/// <param name="WeightError">‖W − Ŵ‖ / ‖W‖.</param>
sealed record Factored(string Ranks, Replacement Replacement, long? Macs, double WeightError);
