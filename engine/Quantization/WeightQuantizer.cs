using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Compress.Quantization;

/// <summary>A weight in int8 with the int32 bias that goes with it.</summary>
/// <param name="Values">The weight, in [−127, 127], in its own shape.</param>
/// <param name="Scales">One for each output channel, or one for the whole weight.</param>
/// <param name="Bias">round(bias / (input scale · weight scale)) for each output channel; null where there is no bias.</param>
public sealed record QuantizedWeight(sbyte[] Values, float[] Scales, int[]? Bias);

/// <summary>Symmetric int8 quantization of weights.</summary>
public static class WeightQuantizer
{
    const int Chunk = 512;

    /// <summary>
    /// Half of what int32 holds: the products are added to the bias in int32 too, and each of them is at most 255 · 127, so that the
    /// sum of some 33,000 fits the other half.
    /// </summary>
    const int MostBias = int.MaxValue / 2;

    /// <summary>
    /// The greatest integer that a weight may become. x64 CPUs without VNNI add two products of a byte and a weight in 16 bits, which hold
    /// 2 · 255 · 64 but not 2 · 255 · 127: with weights up to 64 the sums never saturate.
    /// </summary>
    /// <param name="settings">Name the target, which matters to the kernels for 8-bit activations alone.</param>
    public static int MostFor(QuantizeSettings settings) => settings.IsForRuntimeKernels ? MostFor(settings.TargetCpu) : sbyte.MaxValue;

    /// <inheritdoc cref="MostFor(QuantizeSettings)"/>
    public static int MostFor(TargetCpu target) => target is TargetCpu.Vnni or TargetCpu.Arm ? sbyte.MaxValue : 64;

    /// <summary>
    /// Quantizes a weight, w ≈ scale · q with scale = max|w| / most. The bias is added to the products before they are rescaled, so
    /// its scale is input scale · weight scale; where the bias would take more than half of int32 so, the weight scale is raised until it does not. A
    /// channel of zeros takes any scale: it gets the one that keeps the bias most exact.
    /// </summary>
    /// <param name="weight">float32.</param>
    /// <param name="axis">The axis of output channels.</param>
    /// <param name="bias">One value for each output channel; empty for none.</param>
    /// <param name="inputScale">The scale of the layer's input.</param>
    /// <param name="perChannel">A scale for each output channel, or one for all.</param>
    /// <param name="most">The greatest integer that a weight becomes, in [1, 127].</param>
    public static QuantizedWeight Quantize(
        Tensor weight, int axis, ReadOnlySpan<float> bias, float inputScale, bool perChannel, int most = sbyte.MaxValue)
    {
        var shape = weight.Shape;
        var channels = shape[axis];
        var inner = Cost.Count(shape.AsSpan(axis + 1));
        var values = weight.Floats();
        var greatest = new double[channels];
        for (var start = 0; start < values.Length; start += channels * inner)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                greatest[channel] = Math.Max(greatest[channel], Math.Abs((double)TensorPrimitives.MaxMagnitude(values.Slice(start + (channel * inner), inner))));
            }
        }

        if (!perChannel)
            Array.Fill(greatest, greatest.Max());

        var scales = new float[channels];
        for (var channel = 0; channel < channels; channel++)
        {
            var forBias = bias.IsEmpty ? 0 : Math.Abs((double)bias[channel]) / inputScale / MostBias;
            var scale = (float)Math.Max(greatest[channel] / most, forBias);
            scales[channel] = float.IsNormal(scale) ? scale : 1;
        }

        if (!perChannel)
            Array.Fill(scales, scales.Max());

        var quantized = new sbyte[values.Length];
        for (var start = 0; start < values.Length;)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                Round(values.Slice(start, inner), scales[channel], most, quantized.AsSpan(start, inner));
                start += inner;
            }
        }

        int[]? quantizedBias = null;
        if (!bias.IsEmpty)
        {
            quantizedBias = new int[channels];
            for (var channel = 0; channel < channels; channel++)
            {
                var q = Math.Round(bias[channel] / ((double)inputScale * scales[channel]), MidpointRounding.ToEven);
                quantizedBias[channel] = (int)Math.Clamp(q, -MostBias, MostBias);
            }
        }

        return new QuantizedWeight(quantized, perChannel ? scales : [scales[0]], quantizedBias);
    }

    /// <summary>clip(round(w / scale)), half to even.</summary>
    static void Round(ReadOnlySpan<float> values, float scale, int most, Span<sbyte> integers)
    {
        Span<double> exact = stackalloc double[Math.Min(values.Length, Chunk)];
        for (var start = 0; start < values.Length; start += Chunk)
        {
            var part = exact[..Math.Min(Chunk, values.Length - start)];
            TensorPrimitives.ConvertTruncating(values.Slice(start, part.Length), part);
            TensorPrimitives.Divide(part, scale, part);
            TensorPrimitives.Round(part, part);
            TensorPrimitives.Clamp(part, -most, most, part);
            for (var i = 0; i < part.Length; i++)
                integers[start + i] = (sbyte)part[i];
        }
    }

    /// <summary>What a weight is off by once it is quantized.</summary>
    /// <param name="weight">float32.</param>
    /// <param name="axis">The axis of output channels.</param>
    /// <param name="quantized">The same weight.</param>
    internal static SquaredError ErrorOf(Tensor weight, int axis, QuantizedWeight quantized)
    {
        var values = weight.Floats();
        var shape = weight.Shape;
        var inner = Cost.Count(shape.AsSpan(axis + 1));
        double difference = 0, reference = 0;
        for (var start = 0; start < values.Length;)
        {
            for (var channel = 0; channel < shape[axis]; channel++)
            {
                var scale = quantized.Scales[quantized.Scales.Length > 1 ? channel : 0];
                for (var end = start + inner; start < end; start++)
                {
                    var d = (double)values[start] - (scale * quantized.Values[start]);
                    difference += d * d;
                    reference += (double)values[start] * values[start];
                }
            }
        }

        return new SquaredError(difference, reference);
    }
}
