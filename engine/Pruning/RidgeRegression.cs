using Compress.Numerics;

namespace Compress.Pruning;

/// <summary>
/// Least squares with a quadratic penalty (Hoerl and Kennard 1970): the Δ, outputs x columns, that minimises ‖Y − X·Δᵀ‖² + λ·‖Δ‖². It is
/// solved in the smaller space: Δ = YᵀX·(XᵀX + λI)⁻¹, or Δ = Yᵀ(XXᵀ + λI)⁻¹·X where there are fewer rows than columns.
/// </summary>
sealed class RidgeRegression
{
    const int RowsInPart = 1024;
    const int ColumnsInPart = 256;

    /// <summary>The Gram matrix above its diagonal; below it, the factor of the last solution.</summary>
    readonly FloatMatrix gram;
    readonly float[] diagonal;
    readonly FloatMatrix right;

    /// <summary>X where the problem is solved in the space of rows.</summary>
    readonly FloatMatrix? inputs;

    /// <param name="samples">The rows.</param>
    /// <param name="room">Room for the Gram matrix, to be used again when this problem is done with; it is made where there is none.</param>
    public RidgeRegression(SampleRows samples, float[]? room = null)
    {
        var size = SizeOf(samples);
        gram = new FloatMatrix(size, size, (room ?? new float[size * size]).AsMemory(0, size * size));
        gram.Values.Span.Clear();
        if (samples.Rows < samples.X.Columns)
        {
            FloatProduct.AddTimesTransposed(samples.X, samples.X, gram, lowerTriangleOnly: true);
            right = samples.Y.Transposed();
            inputs = samples.X;
        }
        else
        {
            right = new FloatMatrix(samples.Y.Columns, size);
            Accumulate(samples);
        }

        diagonal = new float[size];
        KeepGram(samples);
    }

    /// <summary>The mean of the Gram matrix's diagonal, the bias apart: the natural unit of λ.</summary>
    public double MeanSquare { get; private set; }

    /// <summary>The side of the Gram matrix of some samples.</summary>
    public static int SizeOf(SampleRows samples) => Math.Min(samples.Rows, samples.X.Columns);

    /// <summary>Takes more rows into account, if the problem is solved in the space of columns: the products of the first are kept.</summary>
    /// <returns>False where it is solved in the space of rows.</returns>
    public bool TryAdd(SampleRows more)
    {
        if (inputs is not null)
            return false;
        RestoreGram(lambda: 0);
        Accumulate(more);
        KeepGram(more);
        return true;
    }

    /// <summary>The minimiser, outputs x columns.</summary>
    /// <param name="lambda">The penalty; greater than zero.</param>
    /// <returns>Null where the numbers allow no solution, as after an overflow.</returns>
    public FloatMatrix? Solve(double lambda)
    {
        RestoreGram((float)lambda);
        if (!Cholesky.Factor(gram))
            return null;
        var solution = new FloatMatrix(right.Rows, right.Columns, right.Values.ToArray());
        Cholesky.Solve(gram, solution);
        return inputs is { } rows ? Times(solution, rows) : solution;
    }

    /// <summary>A·B, with the columns of B laid out as rows some at a time.</summary>
    static FloatMatrix Times(FloatMatrix a, FloatMatrix b)
    {
        var product = new FloatMatrix(a.Rows, b.Columns);
        for (var left = 0; left < b.Columns; left += ColumnsInPart)
        {
            var width = Math.Min(ColumnsInPart, b.Columns - left);
            var columns = new FloatMatrix(b.Rows, width);
            for (var i = 0; i < b.Rows; i++)
                b.Row(i).Slice(left, width).CopyTo(columns.Row(i));
            var part = new FloatMatrix(a.Rows, width);
            FloatProduct.AddTimesTransposed(a, columns.Transposed(), part);
            for (var i = 0; i < a.Rows; i++)
                part.Row(i).CopyTo(product.Row(i)[left..]);
        }

        return product;
    }

    void Accumulate(SampleRows samples)
    {
        var buffer = new float[Math.Min(RowsInPart, samples.Rows) * gram.Rows];
        foreach (var part in samples.Parts(RowsInPart))
        {
            var inputs = part.X.Transposed(buffer);
            FloatProduct.AddTimesTransposed(inputs, inputs, gram, lowerTriangleOnly: true);
            FloatProduct.AddTimesTransposed(part.Y.Transposed(), inputs, right);
        }
    }

    /// <summary>Copies the Gram matrix out of the lower triangle, which solutions overwrite.</summary>
    void KeepGram(SampleRows added)
    {
        for (var i = 0; i < diagonal.Length; i++)
            diagonal[i] = gram.Row(i)[i];
        gram.MirrorLower();
        MeanSquare += added.InputSquares / diagonal.Length;
    }

    void RestoreGram(float lambda)
    {
        gram.MirrorUpper();
        for (var i = 0; i < diagonal.Length; i++)
            gram.Row(i)[i] = diagonal[i] + lambda;
    }
}
