using Compress.Layers;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Techniques;

/// <summary>Describes layers for reports.</summary>
public static class LayerStates
{
    /// <summary>A layer as it is.</summary>
    public static LayerState Of(Layer layer) => Of([layer]);

    /// <summary>The layers that took one layer's place, as one state.</summary>
    public static LayerState Of(IReadOnlyList<Layer> parts) => new(
        FormOf([.. parts.SelectMany(part => part.Weights)]), parts.Sum(part => part.Parameters), ModelSize.Macs(parts), parts.Sum(part => part.Bytes));

    /// <summary>Factors with the bias that goes with them, as one state.</summary>
    public static LayerState Of(IReadOnlyList<Tensor> weights, Tensor? bias, long? macs) => new(
        FormOf(weights), weights.Sum(weight => weight.Count) + (bias?.Count ?? 0), macs, weights.Sum(weight => weight.Bytes) + (bias?.Bytes ?? 0));

    /// <summary>Shape and type of weights, e.g. <c>64x32x3x3 float32</c>; factors of one type are joined before it.</summary>
    public static string FormOf(params IReadOnlyList<Tensor> weights) => string.Join(" + ", weights
        .GroupBy(NameOf, (type, same) => $"{string.Join(" + ", same.Select(weight => string.Join("x", weight.Shape)))} {type}"));

    static string NameOf(Tensor weight) => (weight.Bits, weight.Type) switch
    {
        (1, DataType.Int8) => "binary",
        ( < 8, DataType.Uint8) => $"uint{weight.Bits}",
        _ => NameOf(weight.Type),
    };

    /// <summary>The type as numeric libraries call it.</summary>
    public static string NameOf(DataType type) => type == DataType.Float ? "float32" : type.ToString().ToLowerInvariant();
}
