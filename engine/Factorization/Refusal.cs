using Compress.Diagnostics;

namespace Compress.Factorization;

/// <summary>Why a layer stays as it is.</summary>
/// <param name="Kind">What the user is told where it is an error.</param>
/// <param name="Reason">The reason, with the offending value and what would be legal.</param>
sealed record Refusal(DiagnosticKind Kind, string Reason)
{
    /// <summary>A setting that is wrong for the layer is an error even where a pattern matched it; the others are recorded as skipped.</summary>
    public bool IsAlwaysError => Kind == Codes.SettingOutOfRange;

    public static Refusal CannotApply(string reason) => new(Codes.CannotApply, reason);

    public static Refusal OutOfRange(string reason) => new(Codes.SettingOutOfRange, reason);

    public static Refusal NotFinite(string reason) => new(Codes.NumericTrouble, reason);
}

/// <summary>A result, or the reason why there is none.</summary>
readonly record struct Attempt<T>(T? Result, Refusal? Refusal)
{
    public static implicit operator Attempt<T>(T result) => new(result, null);

    public static implicit operator Attempt<T>(Refusal refusal) => new(default, refusal);
}
