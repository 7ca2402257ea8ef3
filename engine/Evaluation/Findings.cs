using Compress.Diagnostics;

namespace Compress.Evaluation;

/// <summary>Gathers the parts of a <see cref="Comparison"/> while they come in.</summary>
sealed class Findings
{
    public Dictionary<string, Measurement> Measurements { get; } = [];

    public Dictionary<string, string> Unmeasured { get; } = [];

    public List<Diagnostic> Diagnostics { get; } = [];

    public Comparison ToComparison() => new(Measurements, Unmeasured, Diagnostics);
}
