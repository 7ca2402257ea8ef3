using System.Numerics.Tensors;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;
using Tensor = Compress.Models.Tensor;

namespace Compress.Quantization.HalfPrecision;

/// <summary>A constant in 16 bits, and what that does to it.</summary>
/// <param name="Values">The numbers, each the nearest to the original.</param>
/// <param name="Error">‖difference‖ / ‖original‖; 0 where the original is all zeros.</param>
/// <param name="Vanished">The share of the numbers that are not 0 and became 0.</param>
sealed record HalfRounding(Tensor Values, double Error, double Vanished)
{
    /// <summary>The greatest magnitude of a format of 16 bits.</summary>
    public static float Greatest(DataType type) => type == DataType.Float16 ? (float)Half.MaxValue : BFloat16.MaxValue;

    /// <summary>Why a constant cannot be stored in a format without changing what it says; null where it can.</summary>
    public static string? Obstacle(Tensor tensor, DataType type)
    {
        var greatest = 0f;
        foreach (var value in tensor.Floats())
        {
            if (!float.IsFinite(value))
                return "its weight holds values that are not finite";
            greatest = MathF.Max(greatest, MathF.Abs(value));
        }

        return greatest > Greatest(type) ? $"'{tensor.Name}' holds {greatest:g3}, and {NameOf(type)} ends at {Greatest(type):g5}" : null;
    }

    /// <summary>Rounds every number to the nearest, ties to even; what lies beyond the format becomes infinite.</summary>
    public static HalfRounding Of(Tensor tensor, DataType type, string name)
    {
        var rounded = type == DataType.Float16
            ? Tensor.Create<Half, Tensor>(name, tensor.Shape, tensor, (halves, from) => TensorPrimitives.ConvertToHalf(from.Floats(), halves))
            : Tensor.Create<BFloat16, Tensor>(name, tensor.Shape, tensor, Round);
        double difference = 0, reference = 0;
        long vanished = 0, nonZero = 0;
        var values = tensor.Floats();
        var halves = type == DataType.Float16 ? rounded.Values<Half>() : [];
        var brains = type == DataType.Bfloat16 ? rounded.Values<BFloat16>() : [];
        for (var i = 0; i < values.Length; i++)
        {
            double value = values[i], now = type == DataType.Float16 ? (float)halves[i] : brains[i];
            difference += (value - now) * (value - now);
            reference += value * value;
            nonZero += value != 0 ? 1 : 0;
            vanished += value != 0 && now == 0 ? 1 : 0;
        }

        return new HalfRounding(rounded, reference > 0 ? Math.Sqrt(difference / reference) : 0, nonZero > 0 ? (double)vanished / nonZero : 0);
    }

    /// <summary>A format as the policy calls it.</summary>
    public static string NameOf(DataType type) => type == DataType.Float16 ? "fp16" : "bf16";

    static void Round(Span<BFloat16> rounded, Tensor tensor)
    {
        var values = tensor.Floats();
        for (var i = 0; i < values.Length; i++)
            rounded[i] = (BFloat16)values[i];
    }
}
