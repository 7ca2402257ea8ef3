namespace Compress.Quantization;

/// <summary>How much of a layer is in integers.</summary>
enum LayerPrecision
{
    /// <summary>Weights and activations.</summary>
    Integer,

    /// <summary>The weights alone: the layer computes in float.</summary>
    IntegerWeights,

    /// <summary>Nothing.</summary>
    Float,
}
