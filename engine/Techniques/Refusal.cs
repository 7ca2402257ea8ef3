using Compress.Diagnostics;

namespace Compress.Techniques;

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
