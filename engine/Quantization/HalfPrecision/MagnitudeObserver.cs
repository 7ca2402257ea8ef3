using System.Numerics.Tensors;

namespace Compress.Quantization.HalfPrecision;

/// <summary>The greatest magnitude among the finite values seen. Infinities are left out: half precision has them as well.</summary>
sealed class MagnitudeObserver : IRangeObserver
{
    public float Greatest { get; private set; }

    public (float Low, float High) Range => (-Greatest, Greatest);

    public void Observe(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty)
            return;
        var greatest = MathF.Abs(TensorPrimitives.MaxMagnitude(values));
        if (float.IsFinite(greatest))
        {
            Greatest = MathF.Max(Greatest, greatest);
            return;
        }

        foreach (var value in values)
        {
            if (float.IsFinite(value))
                Greatest = MathF.Max(Greatest, MathF.Abs(value));
        }
    }
}
