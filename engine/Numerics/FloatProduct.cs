using System.Numerics;

namespace Compress.Numerics;

/// <summary>
/// Products of float32 matrices: runs of <see cref="Depth"/> multiply-adds, four rows against three at a time. The error of an entry stays
/// near that of rounding the numbers to float32.
/// </summary>
static unsafe class FloatProduct
{
    // Four rows of a panel take 8 KB, which fits the first-level cache; 96 rows of the other side fit the second.
    const int Depth = 512;
    const int Panel = 96;
    const int Band = 64;

    /// <summary>Adds A·Bᵀ to a matrix of A.Rows x B.Rows.</summary>
    /// <param name="a">The left operand.</param>
    /// <param name="b">The right operand, with rows as long as those of <paramref name="a"/>.</param>
    /// <param name="sum">What the product is added to.</param>
    /// <param name="lowerTriangleOnly">Leaves out what stands right of the diagonal, but for less than three numbers of a row.</param>
    /// <exception cref="ArgumentException">Sizes do not match.</exception>
    public static void AddTimesTransposed(FloatMatrix a, FloatMatrix b, FloatMatrix sum, bool lowerTriangleOnly = false)
    {
        if (a.Columns != b.Columns || sum.Rows != a.Rows || sum.Columns != b.Rows)
            throw new ArgumentException($"{a.Rows}x{a.Columns} times {b.Columns}x{b.Rows} cannot be added to {sum.Rows}x{sum.Columns}", nameof(b));
        using var left = a.Values.Pin();
        using var right = b.Values.Pin();
        using var result = sum.Values.Pin();
        var (pa, pb, pc) = ((nint)left.Pointer, (nint)right.Pointer, (nint)result.Pointer);
        Parallel.For(0, (a.Rows + Band - 1) / Band, band =>
            AddBand((float*)pa, (float*)pb, (float*)pc, a.Columns, sum.Columns, band * Band, Math.Min((band + 1) * Band, a.Rows), lowerTriangleOnly));
    }

    /// <summary>
    /// Takes A·Bᵀ off a block of C, on this thread: A and B being <paramref name="depth"/> columns of rows of two matrices with rows of
    /// the same length.
    /// </summary>
    public static void SubtractTimesTransposed(
        FloatMatrix a, int aTop, FloatMatrix b, int bTop, FloatMatrix c, int cLeft, int rows, int columns, int depth, int aLeft = 0)
    {
        fixed (float* pa = a.Values.Span, pb = b.Values.Span, pc = c.Values.Span)
        {
            for (var start = 0; start < depth; start += Depth)
            {
                var length = Math.Min(Depth, depth - start);
                for (var i = aTop; i < aTop + rows; i += 4)
                {
                    for (var j = 0; j < columns; j += 3)
                    {
                        Tile(pa + ((long)i * a.Columns) + aLeft + start, pb + ((long)(bTop + j) * b.Columns) + start, pc + ((long)i * c.Columns) + cLeft + j,
                            a.Columns, c.Columns, Math.Min(4, aTop + rows - i), Math.Min(3, columns - j), length, sign: -1);
                    }
                }
            }
        }
    }

    static void AddBand(float* a, float* b, float* c, int columns, int width, int top, int bottom, bool lowerTriangleOnly)
    {
        for (var start = 0; start < columns; start += Depth)
        {
            var depth = Math.Min(Depth, columns - start);
            var last = lowerTriangleOnly ? bottom : width;
            for (var panel = 0; panel < last; panel += Panel)
            {
                for (var i = top; i < bottom; i += 4)
                {
                    var rows = Math.Min(4, bottom - i);
                    var end = Math.Min(panel + Panel, lowerTriangleOnly ? i + rows : width);
                    for (var j = panel; j < end; j += 3)
                    {
                        Tile(a + ((long)i * columns) + start, b + ((long)j * columns) + start, c + ((long)i * width) + j,
                            columns, width, rows, Math.Min(3, end - j), depth, sign: 1);
                    }
                }
            }
        }
    }

    /// <summary>
    /// Adds the dot products of up to four rows with up to three, times a sign; at the edges the last row stands in for those that are missing.
    /// </summary>
    static void Tile(float* a, float* b, float* c, int stride, int cStride, int rows, int columns, int depth, int sign)
    {
        Vector<float> c00 = default, c01 = default, c02 = default, c10 = default, c11 = default, c12 = default;
        Vector<float> c20 = default, c21 = default, c22 = default, c30 = default, c31 = default, c32 = default;
        float* a1 = a + (stride * Math.Min(1, rows - 1)), a2 = a + (stride * Math.Min(2, rows - 1)), a3 = a + (stride * Math.Min(3, rows - 1));
        float* b1 = b + (stride * Math.Min(1, columns - 1)), b2 = b + (stride * Math.Min(2, columns - 1));
        var k = 0;
        for (; k + Vector<float>.Count <= depth; k += Vector<float>.Count)
        {
            Vector<float> v0 = Vector.Load(b + k), v1 = Vector.Load(b1 + k), v2 = Vector.Load(b2 + k), u = Vector.Load(a + k);
            c00 = Vector.FusedMultiplyAdd(u, v0, c00);
            c01 = Vector.FusedMultiplyAdd(u, v1, c01);
            c02 = Vector.FusedMultiplyAdd(u, v2, c02);
            u = Vector.Load(a1 + k);
            c10 = Vector.FusedMultiplyAdd(u, v0, c10);
            c11 = Vector.FusedMultiplyAdd(u, v1, c11);
            c12 = Vector.FusedMultiplyAdd(u, v2, c12);
            u = Vector.Load(a2 + k);
            c20 = Vector.FusedMultiplyAdd(u, v0, c20);
            c21 = Vector.FusedMultiplyAdd(u, v1, c21);
            c22 = Vector.FusedMultiplyAdd(u, v2, c22);
            u = Vector.Load(a3 + k);
            c30 = Vector.FusedMultiplyAdd(u, v0, c30);
            c31 = Vector.FusedMultiplyAdd(u, v1, c31);
            c32 = Vector.FusedMultiplyAdd(u, v2, c32);
        }

        var sums = stackalloc float[]
        {
            Vector.Sum(c00), Vector.Sum(c01), Vector.Sum(c02), Vector.Sum(c10), Vector.Sum(c11), Vector.Sum(c12),
            Vector.Sum(c20), Vector.Sum(c21), Vector.Sum(c22), Vector.Sum(c30), Vector.Sum(c31), Vector.Sum(c32),
        };
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var sum = sums[(row * 3) + column];
                for (var tail = k; tail < depth; tail++)
                    sum += a[(row * (long)stride) + tail] * b[(column * (long)stride) + tail];
                c[(row * (long)cStride) + column] += sign * sum;
            }
        }
    }
}
