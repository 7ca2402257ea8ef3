using Compress.Diagnostics;

namespace Compress.Evaluation;

/// <summary>A gate's end: the entry of the report, and what the user is told where it did not pass.</summary>
/// <param name="Result">The entry of the report.</param>
/// <param name="Diagnostic">CMP5001 or CMP5002 at the gate's place in the policy; null where the gate passed or is skipped.</param>
public sealed record GateJudgement(GateResult Result, Diagnostic? Diagnostic);
