namespace Compress.Verification;

/// <summary>How far the rewritten model was compared with the original.</summary>
/// <param name="Samples">The number of samples on which outputs were compared; 0 where the rewritten model was only loaded.</param>
/// <param name="MaxRelativeDifference">
/// The greatest difference of a floating-point output, relative to the greatest absolute value of that output in the original; null
/// where none was compared.
/// </param>
/// <param name="Omitted">What was not compared, and why; null where everything was.</param>
public sealed record Verified(int Samples, double? MaxRelativeDifference, string? Omitted);
