using System.Numerics.Tensors;

namespace Compress.Numerics;

/// <summary>
/// The factorization A = L·Lᵀ of a symmetric positive definite matrix, by blocks of columns from the left (Golub and Van Loan, Matrix
/// Computations, 4.2), in float32: nearly all of the work is in products of long rows. Only the lower triangle is read and written.
/// </summary>
static class Cholesky
{
    const int Block = 64;
    const int Band = 32;

    /// <summary>Puts L in the place of the lower triangle of A.</summary>
    /// <returns>False where A is not positive definite, or not finite; the triangle is then spoilt.</returns>
    public static bool Factor(FloatMatrix a)
    {
        for (var left = 0; left < a.Rows; left += Block)
        {
            var width = Math.Min(Block, a.Rows - left);
            for (var j = left; j < left + width; j++)
            {
                FloatProduct.SubtractTimesTransposed(a, j, a, left, a, left, 1, j + 1 - left, left);
                var row = a.Row(j);
                for (var i = left; i < j; i++)
                    row[i] = (row[i] - Dot(row, a.Row(i), left, i)) / a.Row(i)[i];
                var square = row[j] - Dot(row, row, left, j);
                if (!(square > 0) || float.IsInfinity(square))
                    return false;
                row[j] = MathF.Sqrt(square);
            }

            Eliminate(a, a, left, width, left + width);
        }

        return true;
    }

    /// <summary>Puts the X of X·A = B in the place of B, given the factor L of A in the lower triangle.</summary>
    /// <param name="factor">What <see cref="Factor"/> left.</param>
    /// <param name="right">B, a right-hand side in each row; rows may be longer, and are as long as those of the matrix that A is the start of.</param>
    public static void Solve(FloatMatrix factor, FloatMatrix right)
    {
        var size = factor.Rows;
        for (var left = 0; left < size; left += Block)
            Eliminate(factor, right, left, Math.Min(Block, size - left), 0);

        // Below the diagonal, a block's columns are laid out as rows, which the product wants. They are padded to the length of B's.
        var panel = new FloatMatrix(Block, right.Columns);
        for (var left = (size - 1) / Block * Block; left >= 0; left -= Block)
        {
            var (from, width) = (left, Math.Min(Block, size - left));
            var bottom = left + width;
            var columns = panel.Values.Span;
            for (var i = bottom; i < size; i++)
            {
                var row = factor.Row(i);
                for (var j = 0; j < width; j++)
                    columns[(j * right.Columns) + i - bottom] = row[left + j];
            }

            ForBands(0, right.Rows, (top, count) =>
            {
                FloatProduct.SubtractTimesTransposed(right, top, panel, 0, right, from, count, width, size - bottom, bottom);
                for (var i = top; i < top + count; i++)
                {
                    var row = right.Row(i);
                    for (var j = bottom - 1; j >= from; j--)
                    {
                        row[j] /= factor.Row(j)[j];
                        // Takes xⱼ out of the columns to its left.
                        TensorPrimitives.MultiplyAdd(factor.Row(j)[from..j], -row[j], row[from..j], row[from..j]);
                    }
                }
            });
        }
    }

    /// <summary>Solves for one block of columns of rows · L⁻ᵀ, those to its left being done.</summary>
    static void Eliminate(FloatMatrix factor, FloatMatrix rows, int left, int width, int top) => ForBands(top, rows.Rows, (first, count) =>
    {
        FloatProduct.SubtractTimesTransposed(rows, first, factor, left, rows, left, count, width, left);
        for (var i = first; i < first + count; i++)
        {
            var row = rows.Row(i);
            for (var j = left; j < left + width; j++)
                row[j] = (row[j] - Dot(row, factor.Row(j), left, j)) / factor.Row(j)[j];
        }
    });

    static void ForBands(int top, int bottom, Action<int, int> work) =>
        Parallel.For(0, (bottom - top + Band - 1) / Band, band => work(top + (band * Band), Math.Min(Band, bottom - top - (band * Band))));

    static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int start, int end) => TensorPrimitives.Dot(a[start..end], b[start..end]);
}
