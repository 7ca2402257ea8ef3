using System.Numerics;
using System.Numerics.Tensors;

namespace Compress.Numerics;

/// <summary>
/// Matrix products in double precision. Both operands are read along their rows, so that every inner loop is a run of
/// vector multiply-adds over contiguous memory: four rows against two at a time, in panels that stay in the caches.
/// </summary>
static unsafe class MatrixProduct
{
    // Four rows of a panel take 16 KB, which fits the first-level cache; 64 rows of the other side fit the second.
    const int Depth = 512;
    const int Panel = 64;
    const int Band = 64;
    const long WorthThreads = 1 << 22;

    /// <summary>A·Bᵀ.</summary>
    /// <exception cref="ArgumentException">The rows of A and of B differ in length.</exception>
    public static Matrix TimesTransposed(Matrix a, Matrix b)
    {
        if (a.Columns != b.Columns)
            throw new ArgumentException($"rows of {a.Columns} and of {b.Columns} numbers cannot be multiplied", nameof(b));
        var product = new Matrix(a.Rows, b.Rows);
        Accumulate(a, b, product, lowerTriangleOnly: false);
        return product;
    }

    /// <summary>The Gram matrix A·Aᵀ of the rows of A.</summary>
    public static Matrix Gram(Matrix a)
    {
        var gram = new Matrix(a.Rows, a.Rows);
        Accumulate(a, a, gram, lowerTriangleOnly: true);
        gram.MirrorLower();
        return gram;
    }

    /// <summary>Each band of rows is the work of one thread from start to end, so that the sums never depend on the number of threads.</summary>
    static void Accumulate(Matrix a, Matrix b, Matrix c, bool lowerTriangleOnly)
    {
        var bands = (a.Rows + Band - 1) / Band;
        if ((long)a.Rows * b.Rows * a.Columns < WorthThreads)
        {
            for (var band = 0; band < bands; band++)
                AccumulateBand(a, b, c, band * Band, lowerTriangleOnly);
        }
        else
        {
            Parallel.For(0, bands, band => AccumulateBand(a, b, c, band * Band, lowerTriangleOnly));
        }
    }

    static void AccumulateBand(Matrix a, Matrix b, Matrix c, int top, bool lowerTriangleOnly)
    {
        var bottom = Math.Min(top + Band, a.Rows);
        var last = lowerTriangleOnly ? bottom : b.Rows;
        for (var start = 0; start < a.Columns; start += Depth)
        {
            var depth = Math.Min(Depth, a.Columns - start);
            for (var panel = 0; panel < last; panel += Panel)
            {
                for (var i = top; i < bottom; i += 4)
                {
                    var rows = Math.Min(4, bottom - i);
                    var end = Math.Min(panel + Panel, lowerTriangleOnly ? i + rows : b.Rows);
                    var j = panel;
                    for (; rows == 4 && j + 2 <= end; j += 2)
                        Tile(a, b, c, i, j, start, depth);
                    for (; j < end; j++)
                    {
                        for (var row = i; row < i + rows; row++)
                            c.Values[row * c.Columns + j] += TensorPrimitives.Dot<double>(a.Row(row).Slice(start, depth), b.Row(j).Slice(start, depth));
                    }
                }
            }
        }
    }

    static void Tile(Matrix a, Matrix b, Matrix c, int i, int j, int start, int depth)
    {
        fixed (double* pa = &a.Values[i * a.Columns + start], pb = &b.Values[j * b.Columns + start], pc = &c.Values[i * c.Columns + j])
            Tile(pa, pb, pc, a.Columns, c.Columns, depth);
    }

    /// <summary>Adds the eight dot products of four rows with two rows.</summary>
    static void Tile(double* a, double* b, double* c, int stride, int cStride, int depth)
    {
        Vector<double> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        double* a1 = a + stride, a2 = a1 + stride, a3 = a2 + stride, b1 = b + stride;
        var k = 0;
        for (; k + Vector<double>.Count <= depth; k += Vector<double>.Count)
        {
            Vector<double> v0 = Vector.Load(b + k), v1 = Vector.Load(b1 + k), u = Vector.Load(a + k);
            c00 = Vector.FusedMultiplyAdd(u, v0, c00);
            c01 = Vector.FusedMultiplyAdd(u, v1, c01);
            u = Vector.Load(a1 + k);
            c10 = Vector.FusedMultiplyAdd(u, v0, c10);
            c11 = Vector.FusedMultiplyAdd(u, v1, c11);
            u = Vector.Load(a2 + k);
            c20 = Vector.FusedMultiplyAdd(u, v0, c20);
            c21 = Vector.FusedMultiplyAdd(u, v1, c21);
            u = Vector.Load(a3 + k);
            c30 = Vector.FusedMultiplyAdd(u, v0, c30);
            c31 = Vector.FusedMultiplyAdd(u, v1, c31);
        }

        var sums = stackalloc double[]
        {
            Vector.Sum(c00), Vector.Sum(c01), Vector.Sum(c10), Vector.Sum(c11), Vector.Sum(c20), Vector.Sum(c21), Vector.Sum(c30), Vector.Sum(c31),
        };
        for (var row = 0; row < 4; row++)
        {
            for (var column = 0; column < 2; column++)
            {
                var sum = sums[row * 2 + column];
                for (var tail = k; tail < depth; tail++)
                    sum += a[row * (long)stride + tail] * b[column * (long)stride + tail];
                c[row * (long)cStride + column] += sum;
            }
        }
    }
}
