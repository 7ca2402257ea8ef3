using Compress.Layers;
using Compress.Models;

namespace Compress.Techniques;

/// <summary>Describes layers for reports.</summary>
public static class LayerStates
{
    /// <summary>A layer as it is.</summary>
    public static LayerState Of(Layer layer) => new(FormOf(layer.Weight), layer.Parameters, layer.Macs, layer.Bytes);

    /// <summary>The layers that took one layer's place, as one state.</summary>
    public static LayerState Of(IReadOnlyList<Layer> parts) => new(
        string.Join(" + ", parts.Select(part => FormOf(part.Weight))),
        parts.Sum(part => part.Parameters),
        parts.All(part => part.Macs is not null) ? parts.Sum(part => part.Macs) : null,
        parts.Sum(part => part.Bytes));

    /// <summary>Shape and type of a weight, e.g. <c>64x32x3x3 float32</c>.</summary>
    public static string FormOf(Tensor weight)
    {
        var type = weight.Type.ToString().ToLowerInvariant();
        return $"{string.Join("x", weight.Shape)} {(type == "float" ? "float32" : type)}";
    }
}
