namespace Compress.Rewriting.Opsets;

/// <summary>Why a model cannot be written in a newer opset.</summary>
/// <param name="Operator">The operator in the way.</param>
/// <param name="Node">The name of the node that calls it, as a user sees it.</param>
/// <param name="Version">The opset that the node cannot follow to.</param>
/// <param name="Reason">What stands in the way.</param>
public sealed record OpsetRefusal(string Operator, string Node, int Version, string Reason)
{
    public override string ToString() => $"{Operator} '{Node}' cannot follow to opset {Version}: {Reason}";
}
