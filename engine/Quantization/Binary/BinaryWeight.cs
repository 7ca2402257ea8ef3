using Compress.Layers;
using Compress.Models;
using Compress.Techniques;

namespace Compress.Quantization.Binary;

/// <summary>
/// A weight as signs and one magnitude for each output channel, W ≈ α·sign(W) with α = mean|W|, which of all such pairs leaves the least squared error
/// (Rastegari et al., "XNOR-Net", ECCV 2016). The sign of 0 is taken for +1.
/// </summary>
/// <param name="Signs">1 for each weight that is not negative, 0 for the others.</param>
/// <param name="Magnitudes">α of each output channel, or of the whole weight.</param>
/// <param name="Error">What is lost.</param>
sealed record BinaryWeight(byte[] Signs, float[] Magnitudes, SquaredError Error)
{
    public static BinaryWeight Of(Tensor weight, int axis, bool perChannel)
    {
        var shape = weight.Shape;
        var values = weight.Floats();
        var count = values.Length;
        var inner = Cost.Count(shape.AsSpan(axis + 1));
        var magnitudes = perChannel ? shape[axis] : 1;
        var sums = new double[magnitudes];
        for (var i = 0; i < values.Length; i++)
            sums[perChannel ? i / inner % shape[axis] : 0] += Math.Abs((double)values[i]);
        var means = Array.ConvertAll(sums, sum => (float)(sum / (count / magnitudes)));
        var signs = new byte[values.Length];
        double difference = 0, reference = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var isPositive = values[i] >= 0;
            signs[i] = (byte)(isPositive ? 1 : 0);
            var mean = means[perChannel ? i / inner % shape[axis] : 0];
            var d = values[i] - (double)(isPositive ? mean : -mean);
            difference += d * d;
            reference += (double)values[i] * values[i];
        }

        return new BinaryWeight(signs, means, new SquaredError(difference, reference));
    }
}
