namespace Compress.Verification;

/// <summary>A rewrite that does not keep what the model computes: a bug of this program.</summary>
/// <param name="Pass">The first pass after which the model is refused or differs.</param>
/// <param name="Finding">What is wrong, with the first node that differs where there is one.</param>
sealed record RewriteFault(string Pass, string Finding);
