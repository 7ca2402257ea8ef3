using Compress.Techniques;

namespace Compress.Factorization;

/// <summary>A result, or the reason why there is none.</summary>
readonly record struct Attempt<T>(T? Result, Refusal? Refusal)
{
    public static implicit operator Attempt<T>(T result) => new(result, null);

    public static implicit operator Attempt<T>(Refusal refusal) => new(default, refusal);
}
