namespace Compress.Factorization;

/// <summary>One way to treat a layer.</summary>
/// <param name="Ranks">The ranks; empty where the layer stays whole.</param>
/// <param name="Macs">Its multiply-accumulates then.</param>
/// <param name="Weights">Its weights then.</param>
/// <param name="SquaredError">‖Y − Ŷ‖² / ‖Y‖² of its outputs.</param>
readonly record struct RankOption(IReadOnlyList<int> Ranks, long Macs, long Weights, double SquaredError);
