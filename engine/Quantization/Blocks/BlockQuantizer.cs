using System.Numerics.Tensors;
using Compress.Numerics;
using Compress.Policies;

namespace Compress.Quantization.Blocks;

/// <summary>
/// Brings matrices to 4 bits, block by block. Three ways to round: each number to its nearest (round to nearest over the block's range); the
/// same with the range that leaves the least squared error; and so that what a layer gives changes least (GPTQ, Frantar et al., ICLR 2023): with H = XᵀX = U·Uᵀ, U
/// upper triangular, the error of the outputs is ‖Uᵀ(w − ŵ)‖², and row after row is rounded at w_j + Σ_{i&lt;j} U_ij·(w_i − ŵ_i) / U_jj, which makes
/// up for what the rows before it lost.
/// </summary>
static class BlockQuantizer
{
    public const int Levels = 16;

    /// <summary>What a symmetric range is counted from.</summary>
    public const byte Middle = 8;

    /// <summary>Shares of the range that are tried for the least squared error.</summary>
    const int Shrinks = 17;

    const double LeastShrink = 0.6;

    /// <summary>Columns that are rounded together.</summary>
    const int Band = 128;

    /// <summary>Rounds a matrix.</summary>
    /// <param name="values">K x N, row after row.</param>
    /// <param name="rows">K.</param>
    /// <param name="columns">N.</param>
    /// <param name="settings">The block, the rounding and whether ranges are symmetric.</param>
    /// <param name="feedback">From <see cref="Feedback"/>; null rounds every number by itself.</param>
    public static BlockedWeight Quantize(ReadOnlyMemory<float> values, int rows, int columns, QuantizeSettings settings, FloatMatrix? feedback)
    {
        var block = settings.Block;
        var blocks = (rows + block - 1) / block;
        var (codes, scales, zeros) = (new byte[rows * columns], new float[blocks * columns], new byte[blocks * columns]);
        var search = settings.By is not WeightRounding.Nearest;
        var bands = (columns + Band - 1) / Band;
        var (differences, squares) = (new double[bands], new double[bands]);
        Parallel.For(0, bands, band =>
        {
            var left = band * Band;
            var width = Math.Min(Band, columns - left);
            var lost = feedback is null ? [] : new float[rows * width];
            var wanted = new float[block * width];
            var column = new float[block];
            for (var top = 0; top < rows; top += block)
            {
                var height = Math.Min(block, rows - top);
                for (var j = 0; j < height; j++)
                {
                    var target = wanted.AsSpan(j * width, width);
                    Row(top + j).CopyTo(target);
                    if (feedback is { } known)
                        AddFeedback(known.Row(top + j), 0, top, target);
                }

                var at = (top / block * columns) + left;
                for (var x = 0; x < width; x++)
                {
                    for (var j = 0; j < height; j++)
                        column[j] = wanted[(j * width) + x];
                    (scales[at + x], zeros[at + x]) = Range(column.AsSpan(0, height), settings.Symmetric, search);
                }

                for (var j = 0; j < height; j++)
                {
                    var target = wanted.AsSpan(j * width, width);
                    if (feedback is { } known)
                        AddFeedback(known.Row(top + j), top, top + j, target);
                    var exact = Row(top + j);
                    for (var x = 0; x < width; x++)
                    {
                        var code = Code(target[x], scales[at + x], zeros[at + x]);
                        codes[((top + j) * columns) + left + x] = code;
                        var difference = exact[x] - (scales[at + x] * (code - zeros[at + x]));
                        differences[band] += (double)difference * difference;
                        squares[band] += (double)exact[x] * exact[x];
                        if (lost.Length > 0)
                            lost[((top + j) * width) + x] = difference;
                    }
                }
            }

            ReadOnlySpan<float> Row(int row) => values.Span.Slice((row * columns) + left, width);

            void AddFeedback(ReadOnlySpan<float> factors, int from, int to, Span<float> target)
            {
                for (var i = from; i < to; i++)
                    TensorPrimitives.MultiplyAdd(lost.AsSpan(i * width, width), factors[i], target, target);
            }
        });
        var square = squares.Sum();
        return new BlockedWeight(rows, columns, block, codes, scales, zeros, square > 0 ? Math.Sqrt(differences.Sum() / square) : 0);
    }

    /// <summary>What each row takes over of what the rows before it lost: U_ij / U_jj in row j, column i &lt; j.</summary>
    /// <param name="moments">XᵀX of the layer's inputs, K x K.</param>
    /// <returns>Null where the moments are not finite.</returns>
    public static FloatMatrix? Feedback(Matrix moments)
    {
        // A hundredth of the mean keeps inputs that were never seen, or that others determine, from taking all of the loss.
        var size = moments.Rows;
        var damping = 0.01 * Enumerable.Range(0, size).Average(i => moments[i, i]);
        if (!double.IsFinite(damping))
            return null;
        var scale = damping > 0 ? 0.01 / damping : 1;
        var factor = new FloatMatrix(size, size);
        // U is the Cholesky factor of the matrix with rows and columns in reverse order, itself reversed.
        for (var i = 0; i < size; i++)
        {
            var row = factor.Row(i);
            for (var j = 0; j <= i; j++)
                row[j] = (float)(scale * (moments[size - 1 - i, size - 1 - j] + (i == j ? damping > 0 ? damping : 1 : 0)));
        }

        if (!Cholesky.Factor(factor))
            return null;
        var feedback = new FloatMatrix(size, size);
        for (var j = 0; j < size; j++)
        {
            var row = feedback.Row(j);
            var diagonal = factor.Row(size - 1 - j)[size - 1 - j];
            for (var i = 0; i < j; i++)
                row[i] = factor.Row(size - 1 - i)[size - 1 - j] / diagonal;
        }

        return feedback;
    }

    static byte Code(float value, float scale, byte zero) =>
        (byte)Math.Clamp(MathF.Round(value / scale, MidpointRounding.ToEven) + zero, 0, Levels - 1);

    static (float Scale, byte Zero) Range(ReadOnlySpan<float> values, bool isSymmetric, bool search)
    {
        var (low, high) = (Math.Min(0, TensorPrimitives.Min(values)), Math.Max(0, TensorPrimitives.Max(values)));
        var best = Over(low, high, isSymmetric);
        if (!search || (low == 0 && high == 0))
            return best;
        var least = double.PositiveInfinity;
        for (var i = 0; i < Shrinks; i++)
        {
            var shrink = (float)(1 - ((1 - LeastShrink) * i / (Shrinks - 1)));
            var (scale, zero) = Over(low * shrink, high * shrink, isSymmetric);
            var sum = 0.0;
            foreach (var value in values)
            {
                var difference = value - (scale * (Code(value, scale, zero) - zero));
                sum += (double)difference * difference;
            }

            if (sum < least)
                (least, best) = (sum, (scale, zero));
        }

        return best;
    }

    static (float Scale, byte Zero) Over(float low, float high, bool isSymmetric)
    {
        var scale = isSymmetric ? Math.Max(-low, high) / (Levels - 1 - Middle) : (high - low) / (Levels - 1);
        if (!float.IsNormal(scale))
            return (1, isSymmetric ? Middle : (byte)0);
        return (scale, isSymmetric ? Middle : (byte)Math.Clamp(MathF.Round(-low / scale, MidpointRounding.ToEven), 0, Levels - 1));
    }
}
