namespace Compress.Quantization;

/// <summary>How much of a layer is in int8.</summary>
enum LayerPrecision
{
    /// <summary>Weights and activations: the layer computes in integers.</summary>
    Int8,

    /// <summary>The weights alone: the layer computes in float.</summary>
    Int8Weights,

    /// <summary>Nothing.</summary>
    Float,
}
