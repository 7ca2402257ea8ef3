using Compress.Diagnostics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Compress.Numerics;

/// <summary>
/// The eigen-decomposition of a Gram matrix A·Aᵀ: its eigenvalues are the squared singular values of A, its eigenvectors the
/// left singular vectors.
/// </summary>
sealed class SymmetricEigen
{
    SymmetricEigen(double[] values, Matrix vectors)
    {
        Values = values;
        Vectors = vectors;
    }

    /// <summary>The eigenvalues from the greatest to the least, never negative.</summary>
    public double[] Values { get; }

    /// <summary>The eigenvectors as rows, in the order of the eigenvalues; the entry of greatest magnitude of each is positive.</summary>
    public Matrix Vectors { get; }

    /// <summary>Decomposes a symmetric positive semi-definite matrix.</summary>
    /// <exception cref="CompressException">CMP4004: not all of its numbers are finite, as where samples are beyond what float32 products hold.</exception>
    public static SymmetricEigen Of(Matrix gram)
    {
        var size = gram.Rows;
        if (!double.IsFinite(gram.SquaredNorm))
        {
            throw new CompressException(Codes.NumericTrouble.At(null,
                "products of numbers are too large to be decomposed; look for samples in the calibration data that are not finite or far too large, or switch 'data-aware' off"));
        }

        var evd = new DenseMatrix(size, size, (double[])gram.Values.Clone()).Evd(Symmetricity.Symmetric);
        var columns = ((DenseMatrix)evd.EigenVectors).Values;
        var order = Enumerable.Range(0, size).OrderByDescending(i => evd.EigenValues[i].Real).ToArray();
        var values = new double[size];
        var vectors = new Matrix(size, size);
        for (var i = 0; i < size; i++)
        {
            // Rounding may push the eigenvalues of a singular matrix a little below zero.
            values[i] = Math.Max(0, evd.EigenValues[order[i]].Real);
            columns.AsSpan(order[i] * size, size).CopyTo(vectors.Row(i));
            FixSign(vectors.Row(i));
        }

        return new SymmetricEigen(values, vectors);
    }

    /// <summary>The leading eigenvectors as columns: an orthonormal basis of size x rank.</summary>
    public Matrix Leading(int rank) => new Matrix(rank, Vectors.Columns, Vectors.Values[..(rank * Vectors.Columns)]).Transposed();

    /// <summary>An eigenvector is known up to its sign only; fixing it makes the result the same on every run.</summary>
    static void FixSign(Span<double> vector)
    {
        var greatest = 0;
        for (var i = 1; i < vector.Length; i++)
        {
            if (Math.Abs(vector[i]) > Math.Abs(vector[greatest]))
                greatest = i;
        }

        if (vector[greatest] < 0)
            System.Numerics.Tensors.TensorPrimitives.Negate(vector, vector);
    }
}
