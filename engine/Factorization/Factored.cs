namespace Compress.Factorization;

/// <summary>A layer in factors.</summary>
/// <param name="Ranks">The ranks in words.</param>
/// <param name="Replacement">The factors as nodes.</param>
/// <param name="Macs">Multiply-accumulates of the factors for one sample; null where sizes are not known.</param>
/// <param name="WeightError">‖W − Ŵ‖ / ‖W‖ of factors that do not look at data.</param>
/// <param name="OutputError">With data: the relative error of the outputs on samples not used for the fit; null without.</param>
/// <param name="PlainOutputError">The same for factors that do not look at data.</param>
sealed record Factored(
    string Ranks, Replacement Replacement, long? Macs, double WeightError, double? OutputError = null, double? PlainOutputError = null);
