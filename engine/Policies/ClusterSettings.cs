namespace Compress.Policies;

/// <summary>Where the search for shared values starts.</summary>
public enum ClusterStart
{
    /// <summary>At even distances from the least weight to the greatest, so that large weights, which matter most, are near one.</summary>
    Linear,

    /// <summary>At weights drawn by chance, each the more likely the further it is from those drawn before.</summary>
    PlusPlus,
}

/// <summary>Weights of a layer share a few values.</summary>
/// <param name="Centroids">How many, in [2, 256]; a zero that pruning left is one of them.</param>
/// <param name="Init">Where the search starts.</param>
/// <param name="Groups">Into how many groups the output channels fall, each with values of its own; all groups together have at most 256.</param>
public sealed record ClusterSettings(int Centroids, ClusterStart Init = ClusterStart.Linear, int Groups = 1)
{
    /// <summary>An index is a byte.</summary>
    public const int MostCentroids = 256;

    /// <summary>The settings as the policy says them, e.g. <c>32 values</c>.</summary>
    public override string ToString() =>
        $"{Centroids} values" + (Init == ClusterStart.PlusPlus ? ", k-means++" : "") + (Groups > 1 ? $", {Groups} groups" : "");
}
