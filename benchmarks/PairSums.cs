using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Compress.Benchmarks;

/// <summary>
/// What CPUs with AVX2 alone add up wrongly: their kernels multiply bytes with int8 weights by vpmaddubsw, which adds each two neighbouring products in 16 bits
/// and stops at their bounds. This uses the very instruction.
/// </summary>
static class PairSums
{
    public const int Lanes = 32;

    /// <summary>By how much the sum of products falls short of, or exceeds, the exact one.</summary>
    /// <param name="activations">uint8, a multiple of <see cref="Lanes"/>.</param>
    /// <param name="weights">int8, as many.</param>
    /// <param name="saturated">Grows by the pairs that hit a bound.</param>
    public static int Error(ReadOnlySpan<byte> activations, ReadOnlySpan<sbyte> weights, ref long saturated)
    {
        var error = 0;
        for (var i = 0; i < activations.Length; i += Lanes)
        {
            var pairs = Avx2.MultiplyAddAdjacent(Vector256.Create(activations.Slice(i, Lanes)), Vector256.Create(weights.Slice(i, Lanes)));
            if ((Vector256.Equals(pairs, Vector256.Create(short.MaxValue)) | Vector256.Equals(pairs, Vector256.Create(short.MinValue))) == Vector256<short>.Zero)
                continue;
            for (var pair = 0; pair < Lanes / 2; pair++)
            {
                var at = i + (2 * pair);
                var exact = (activations[at] * weights[at]) + (activations[at + 1] * weights[at + 1]);
                error += pairs[pair] - exact;
                saturated += exact is > short.MaxValue or < short.MinValue ? 1 : 0;
            }
        }

        return error;
    }
}
