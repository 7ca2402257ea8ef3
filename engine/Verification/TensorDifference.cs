using System.Runtime.InteropServices;
using Compress.Execution;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Compress.Verification;

/// <summary>How far a tensor is from what it should be.</summary>
/// <param name="Relative">The greatest difference, relative to the greatest absolute value expected; infinite where type or sizes differ.</param>
/// <param name="Allowed">What rounding explains.</param>
/// <param name="Text">The difference in words.</param>
readonly record struct TensorDifference(double Relative, double Allowed, string Text)
{
    /// <summary>
    /// Folding scales a weight before the products are summed and not after: each sum of n products then rounds otherwise, by about √n
    /// units in the last place, 1e-5 for n = 10,000, and deep models add some of that up. A wrong pass is off by far more.
    /// </summary>
    const double FloatTolerance = 1e-4;

    /// <summary>Eight units in the last place of a half; fewer than what a single wrong weight makes.</summary>
    const double HalfTolerance = 8.0 / 1024;

    /// <summary>Eight units in the last place of a bfloat16.</summary>
    const double BFloat16Tolerance = 8.0 / 128;

    const double LeastGreatest = 1e-30;

    /// <summary>The tensor is not there, or is no tensor any more.</summary>
    public static TensorDifference Missing { get; } = new(double.PositiveInfinity, 0, "is gone");

    public bool IsAllowed => Relative <= Allowed;

    /// <summary>Compares numbers; NaN equals NaN, an infinity itself, and what is no floating-point number has to be the same.</summary>
    public static TensorDifference Of(TensorCopy expected, TensorCopy actual)
    {
        if (expected.Form != actual.Form)
            return new TensorDifference(double.PositiveInfinity, 0, $"is {actual.Form} instead of {expected.Form}");
        if (expected.Bytes.AsSpan().SequenceEqual(actual.Bytes))
            return new TensorDifference(0, 0, "is the same");
        return expected.Type switch
        {
            TensorElementType.Float => Of(Cast<float>(expected), Cast<float>(actual), FloatTolerance, value => value),
            TensorElementType.Double => Of(Cast<double>(expected), Cast<double>(actual), FloatTolerance, value => value),
            TensorElementType.Float16 => Of(Cast<Half>(expected), Cast<Half>(actual), HalfTolerance, value => (double)value),
            TensorElementType.BFloat16 => Of(Cast<ushort>(expected), Cast<ushort>(actual), BFloat16Tolerance, bits => BitConverter.Int32BitsToSingle(bits << 16)),
            _ => new TensorDifference(double.PositiveInfinity, 0, $"holds other {expected.Form} values"),
        };
    }

    static TensorDifference Of<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> actual, double allowed, Func<T, double> valueOf)
    {
        double difference = 0, greatest = LeastGreatest;
        for (var i = 0; i < expected.Length; i++)
        {
            double x = valueOf(expected[i]), y = valueOf(actual[i]);
            if (double.IsFinite(x))
                greatest = Math.Max(greatest, Math.Abs(x));
            if (!x.Equals(y))
                difference = Math.Max(difference, double.IsFinite(x) && double.IsFinite(y) ? Math.Abs(x - y) : double.PositiveInfinity);
        }

        var relative = difference / greatest;
        return new TensorDifference(relative, allowed, double.IsInfinity(relative) ? "is finite in one model alone" : FormattableString.Invariant($"differs by {relative:g3} of its greatest value, and {allowed:g2} is allowed"));
    }

    static ReadOnlySpan<T> Cast<T>(TensorCopy tensor)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.Bytes);
}
