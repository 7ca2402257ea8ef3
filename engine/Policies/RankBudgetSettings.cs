using Compress.Diagnostics;

namespace Compress.Policies;

/// <summary>What counts in a budget.</summary>
public enum BudgetOf
{
    /// <summary>Multiply-accumulates for one sample.</summary>
    Macs,

    /// <summary>Weights and biases.</summary>
    Parameters,
}

/// <summary>What a model may cost once its layers are factorized.</summary>
/// <param name="Of">What counts.</param>
/// <param name="Share">The share of what the model costs before, in (0, 1).</param>
/// <param name="Position">Where it stands.</param>
public sealed record RankBudgetSettings(BudgetOf Of, double Share, SourcePosition Position)
{
    /// <summary>The budget as the policy says it, e.g. <c>macs 50%</c>.</summary>
    public override string ToString() => $"{Of.ToString().ToLowerInvariant()} {Percentage.Text(Share)}";
}
