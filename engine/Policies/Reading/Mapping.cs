namespace Compress.Policies.Reading;

/// <summary>The keys of one kind of mapping.</summary>
/// <param name="Name">The mapping's name in the JSON Schema's definitions and in docs/policy.md.</param>
/// <param name="Phrase">What a message calls it, e.g. <c>a rule</c>.</param>
/// <param name="Keys">The legal keys, in the order in which messages list them.</param>
sealed record Mapping(string Name, string Phrase, params string[] Keys)
{
    /// <summary>Keys that the policy language has a meaning for, and this version none.</summary>
    public string[] Planned { get; init; } = [];

    /// <summary>Whether the keys are the user's own names.</summary>
    public bool TakesAnyKey { get; init; }

    public string Legal => string.Join(", ", Keys);
}
