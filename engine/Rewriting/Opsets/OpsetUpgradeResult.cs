namespace Compress.Rewriting.Opsets;

/// <summary>What became of an upgrade: all of the model, or nothing of it, is written anew.</summary>
/// <param name="From">The model's opset before.</param>
/// <param name="To">Its opset now.</param>
/// <param name="Refusals">What stands in the way; the model is untouched where there is anything.</param>
public sealed record OpsetUpgradeResult(int From, int To, IReadOnlyList<OpsetRefusal> Refusals)
{
    const int ShownRefusals = 3;

    /// <summary>Whether the model has the opset that was asked for, or a later one.</summary>
    public bool Succeeded => Refusals.Count == 0;

    /// <summary>What stands in the way, in one line: the first few refusals and the number of the others.</summary>
    public string Obstacles =>
        string.Join("; ", Refusals.Take(ShownRefusals)) + (Refusals.Count > ShownRefusals ? $"; and {Refusals.Count - ShownRefusals} more" : "");
}
