using System.Numerics.Tensors;

namespace Compress.Quantization;

/// <summary>The least and the greatest value seen.</summary>
public sealed class MinMaxObserver : IRangeObserver
{
    float low = float.PositiveInfinity;
    float high = float.NegativeInfinity;

    public (float Low, float High) Range => low <= high || float.IsNaN(low) ? (low, high) : (0, 0);

    public void Observe(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty)
            return;
        // Min and Max of this library carry NaN through, so that a broken model is noticed.
        low = MathF.Min(low, TensorPrimitives.Min(values));
        high = MathF.Max(high, TensorPrimitives.Max(values));
    }
}
