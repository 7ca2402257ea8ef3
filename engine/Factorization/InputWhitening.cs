using System.Numerics.Tensors;
using Compress.Numerics;

namespace Compress.Factorization;

/// <summary>
/// The channels of a convolution's inputs as they occur: with S = L·Lᵀ for their second moments about the mean, an error of the weights counts
/// as (W − Ŵ)·L, which is that of the outputs. So it is W·L that is decomposed, and L is taken back out of the factor.
/// </summary>
sealed class InputWhitening
{
    /// <summary>Added to the diagonal of S relative to its mean: channels that the samples never use still count for something.</summary>
    const float Ridge = 1e-3f;

    readonly FloatMatrix lower;

    InputWhitening(FloatMatrix lower) => this.lower = lower;

    /// <summary>From the inputs under the kernel's middle.</summary>
    /// <param name="rows">im2col rows: for each channel its kernel positions, then one number for the bias.</param>
    /// <param name="channels">C_in.</param>
    /// <param name="positions">K.</param>
    /// <returns>Null where the numbers allow no factorization.</returns>
    public static InputWhitening? Of(FloatMatrix rows, int channels, int positions)
    {
        var values = AtPosition(rows, channels, positions, positions / 2).Transposed();
        for (var c = 0; c < channels; c++)
        {
            var row = values.Row(c);
            var mean = TensorPrimitives.Sum<float>(row) / row.Length;
            TensorPrimitives.Subtract(row, mean, row);
        }

        var moments = new FloatMatrix(channels, channels);
        FloatProduct.AddTimesTransposed(values, values, moments, lowerTriangleOnly: true);
        var trace = 0f;
        for (var c = 0; c < channels; c++)
            trace += moments.Row(c)[c] /= values.Columns;
        var ridge = trace > 0 ? Ridge * trace / channels : 1;
        for (var c = 0; c < channels; c++)
        {
            var row = moments.Row(c);
            TensorPrimitives.Divide(row[..c], values.Columns, row[..c]);
            row[(c + 1)..].Clear();
            row[c] += ridge;
        }

        return Cholesky.Factor(moments) ? new InputWhitening(moments) : null;
    }

    /// <summary>W x_in Lᵀ.</summary>
    public KernelTensor Whiten(KernelTensor kernel) => kernel.ModeProduct(Mode.Input, Matrix.Of(lower.Transposed().Values.Span, lower.Rows, lower.Rows));

    /// <summary>A·L⁻¹ for the rows of A.</summary>
    public Matrix Unwhiten(Matrix rows)
    {
        var result = new Matrix(rows.Rows, rows.Columns, (double[])rows.Values.Clone());
        Parallel.For(0, rows.Rows, r =>
        {
            var row = result.Row(r);
            for (var j = row.Length - 1; j >= 0; j--)
            {
                var l = lower.Row(j);
                row[j] /= l[j];
                for (var i = 0; i < j; i++)
                    row[i] -= row[j] * l[i];
            }
        });
        return result;
    }

    /// <summary>Rows as a 1x1 convolution with these weights would give them.</summary>
    /// <param name="rows">im2col rows, as above.</param>
    /// <param name="positions">K.</param>
    /// <param name="factor">R3 x C_in.</param>
    /// <param name="fill">Told each row and the numbers of it: for each of the R3 channels its kernel positions.</param>
    public static void Project(FloatMatrix rows, int positions, Matrix factor, Action<int, float[]> fill)
    {
        const int RowsInPart = 512;
        var weights = factor.ToFloatMatrix();
        for (var start = 0; start < rows.Rows; start += RowsInPart)
        {
            var part = rows.Slice(start, Math.Min(RowsInPart, rows.Rows - start));
            var projected = new FloatMatrix[positions];
            for (var k = 0; k < positions; k++)
            {
                projected[k] = new FloatMatrix(part.Rows, factor.Rows);
                FloatProduct.AddTimesTransposed(AtPosition(part, factor.Columns, positions, k), weights, projected[k]);
            }

            Parallel.For(0, part.Rows, row =>
            {
                var values = new float[factor.Rows * positions];
                for (var k = 0; k < positions; k++)
                {
                    var from = projected[k].Row(row);
                    for (var r = 0; r < from.Length; r++)
                        values[(r * positions) + k] = from[r];
                }

                fill(start + row, values);
            });
        }
    }

    /// <summary>One position of the kernel in each row, rows x channels.</summary>
    static FloatMatrix AtPosition(FloatMatrix rows, int channels, int positions, int position)
    {
        var result = new FloatMatrix(rows.Rows, channels);
        Parallel.For(0, rows.Rows, i =>
        {
            var from = rows.Row(i);
            var to = result.Row(i);
            for (var c = 0; c < channels; c++)
                to[c] = from[(c * positions) + position];
        });
        return result;
    }
}
