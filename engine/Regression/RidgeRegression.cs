using Compress.Numerics;

namespace Compress.Regression;

/// <summary>
/// Least squares with a quadratic penalty (Hoerl and Kennard 1970): the Δ, outputs x columns, that minimises ‖Y − X·Δᵀ‖² + λ·‖Δ‖². It is
/// solved in the smaller space: Δ = YᵀX·(XᵀX + λI)⁻¹, or Δ = Yᵀ(XXᵀ + λI)⁻¹·X where there are fewer rows than columns. The last rows can be
/// withheld from a fit, to see what a penalty is worth; products of the others are then kept.
/// </summary>
sealed class RidgeRegression
{
    const int RowsInPart = 1024;
    const int ColumnsInPart = 256;
    const int BandRows = 32;

    readonly SampleRows samples;
    readonly int fitted;
    readonly bool inRows;

    /// <summary>The Gram matrix above its diagonal; below it, the factor of the last solution.</summary>
    readonly FloatMatrix gram;
    readonly float[] diagonal;
    readonly FloatMatrix right;
    bool hasAll;

    /// <param name="samples">All rows.</param>
    /// <param name="fitted">How many of them, from the first on, are not withheld.</param>
    /// <param name="room">Room for the Gram matrix, to be used again when this problem is done with; it is made where there is none.</param>
    public RidgeRegression(SampleRows samples, int fitted, float[]? room = null)
    {
        (this.samples, this.fitted) = (samples, fitted);
        inRows = samples.Rows < samples.X.Columns;
        var size = SizeOf(samples);
        gram = new FloatMatrix(size, size, (room ?? new float[size * size]).AsMemory(0, size * size));
        gram.Values.Span.Clear();
        if (inRows)
        {
            FloatProduct.AddTimesTransposed(samples.X, samples.X, gram, lowerTriangleOnly: true);
            right = samples.Y.Transposed();
        }
        else
        {
            right = new FloatMatrix(samples.Y.Columns, size);
            Accumulate(samples.Slice(0, fitted));
            hasAll = fitted == samples.Rows;
        }

        diagonal = new float[size];
        KeepGram();
    }

    /// <summary>The side of the Gram matrix of some samples.</summary>
    public static int SizeOf(SampleRows samples) => Math.Min(samples.Rows, samples.X.Columns);

    /// <summary>‖Y − X·Δᵀ‖² over the rows that are withheld, Δ being the minimiser over the others; infinite where the numbers allow no solution.</summary>
    /// <param name="penalty">λ, relative to the mean of the Gram matrix's diagonal, the bias apart; greater than zero.</param>
    /// <exception cref="InvalidOperationException">The rows are no longer withheld: <see cref="Solve"/> has taken them in.</exception>
    public double ErrorWithheld(double penalty)
    {
        if (hasAll)
            throw new InvalidOperationException("no rows are withheld");
        var size = inRows ? fitted : gram.Rows;
        if (SolveGram(size, penalty * MeanSquare(fitted)) is not { } solution)
            return double.PositiveInfinity;
        var withheld = samples.Slice(fitted, samples.Rows - fitted);
        return inRows ? ErrorInRows(solution, withheld) : LayerSamples.SquaredError(withheld, solution);
    }

    /// <summary>The minimiser over all rows, outputs x columns. None are withheld from then on.</summary>
    /// <param name="penalty">λ, relative to the mean of the Gram matrix's diagonal, the bias apart; greater than zero.</param>
    /// <returns>Null where the numbers allow no solution, as after an overflow.</returns>
    public FloatMatrix? Solve(double penalty)
    {
        if (!hasAll && !inRows)
        {
            RestoreGram(lambda: 0);
            Accumulate(samples.Slice(fitted, samples.Rows - fitted));
            KeepGram();
        }

        hasAll = true;
        return SolveGram(gram.Rows, penalty * MeanSquare(samples.Rows)) is { } solution ? inRows ? Times(solution, samples.X) : solution : null;
    }

    /// <summary>B·(G + λI)⁻¹ for the leading part of the Gram matrix G, in the first columns; null where there is no solution.</summary>
    FloatMatrix? SolveGram(int size, double lambda)
    {
        RestoreGram((float)lambda);
        var leading = gram.Slice(0, size);
        if (!Cholesky.Factor(leading))
            return null;
        var solution = new FloatMatrix(right.Rows, right.Columns, right.Values.ToArray());
        Cholesky.Solve(leading, solution);
        return solution;
    }

    /// <summary>What rows with known products with the fitted ones are given is their products with these, times the solution.</summary>
    double ErrorInRows(FloatMatrix solution, SampleRows withheld)
    {
        var missed = withheld.Y.Values.ToArray();
        var residual = new FloatMatrix(withheld.Rows, withheld.Y.Columns, missed);
        var products = gram.Slice(fitted, withheld.Rows);
        Parallel.For(0, (withheld.Rows + BandRows - 1) / BandRows, band =>
        {
            var top = band * BandRows;
            var count = Math.Min(BandRows, withheld.Rows - top);
            FloatProduct.SubtractTimesTransposed(products.Slice(top, count), 0, solution, 0, residual.Slice(top, count), 0, count, solution.Rows, fitted);
        });
        return new SampleRows(withheld.X, residual).SquaredNorm;
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

    void Accumulate(SampleRows rows)
    {
        var buffer = new float[Math.Min(RowsInPart, rows.Rows) * gram.Rows];
        foreach (var part in rows.Parts(RowsInPart))
        {
            var inputs = part.X.Transposed(buffer);
            FloatProduct.AddTimesTransposed(inputs, inputs, gram, lowerTriangleOnly: true);
            FloatProduct.AddTimesTransposed(part.Y.Transposed(), inputs, right);
        }
    }

    /// <summary>The mean of the diagonal of the first rows' Gram matrix.</summary>
    double MeanSquare(int rows) => samples.Slice(0, rows).InputSquares / Math.Min(rows, samples.X.Columns);

    /// <summary>Copies the Gram matrix out of the lower triangle, which solutions overwrite.</summary>
    void KeepGram()
    {
        for (var i = 0; i < diagonal.Length; i++)
            diagonal[i] = gram.Row(i)[i];
        gram.MirrorLower();
    }

    void RestoreGram(float lambda)
    {
        gram.MirrorUpper();
        for (var i = 0; i < diagonal.Length; i++)
            gram.Row(i)[i] = diagonal[i] + lambda;
    }
}
