namespace Compress.Verification;

/// <summary>What came of a verification.</summary>
/// <param name="Verified">What was compared.</param>
/// <param name="Fault">The bug that was found; null where there is none.</param>
sealed record VerificationResult(Verified Verified, RewriteFault? Fault);
