using Compress.Layers;

namespace Compress.Policies;

/// <summary>Conditions on a layer; those that are given must all hold.</summary>
public sealed record LayerMatch
{
    public Glob? Name { get; init; }

    /// <summary>The operator, e.g. <c>Conv</c>.</summary>
    public string? Op { get; init; }

    /// <summary>Spatial kernel sizes, e.g. 3 and 3.</summary>
    public IReadOnlyList<int>? Kernel { get; init; }

    public int? Group { get; init; }

    public bool? Depthwise { get; init; }

    /// <summary>The position among the layers, from 0; negative counts from the end.</summary>
    public int? Index { get; init; }

    public long? MinParameters { get; init; }

    public long? MaxParameters { get; init; }

    /// <summary>Layers that match any of these do not match.</summary>
    public IReadOnlyList<LayerMatch> Not { get; init; } = [];

    /// <summary>Whether the user named one layer, so that a technique that cannot apply is an error.</summary>
    public bool NamesOneLayer => Name is { IsLiteral: true } || Index is not null;

    /// <param name="layer">The layer.</param>
    /// <param name="count">How many layers the model has.</param>
    public bool Matches(Layer layer, int count) =>
        (Name is null || Name.Matches(layer.Name))
        && (Op is null || Op == layer.Op)
        && (Kernel is null || Kernel.SequenceEqual(layer.Kernel))
        && (Group is null || Group == layer.Groups)
        && (Depthwise is null || Depthwise == layer.IsDepthwise)
        && (Index is null || (Index < 0 ? Index + count : Index) == layer.Index)
        && (MinParameters is null || layer.Parameters >= MinParameters)
        && (MaxParameters is null || layer.Parameters <= MaxParameters)
        && !Not.Any(not => not.Matches(layer, count));

    /// <summary>The conditions in words, e.g. <c>/layer2/*/Conv</c> or <c>op Conv, kernel 3x3, not (depthwise)</c>.</summary>
    public override string ToString() => string.Join(", ", Conditions());

    IEnumerable<string> Conditions()
    {
        if (Name is not null)
            yield return Name.Pattern;
        if (Op is not null)
            yield return $"op {Op}";
        if (Kernel is not null)
            yield return $"kernel {string.Join('x', Kernel)}";
        if (Group is not null)
            yield return $"group {Group}";
        if (Depthwise is { } depthwise)
            yield return depthwise ? "depthwise" : "not depthwise";
        if (Index is not null)
            yield return $"index {Index}";
        if (MinParameters is not null)
            yield return $"at least {MinParameters} parameters";
        if (MaxParameters is not null)
            yield return $"at most {MaxParameters} parameters";
        foreach (var not in Not)
            yield return $"not ({not})";
    }
}
