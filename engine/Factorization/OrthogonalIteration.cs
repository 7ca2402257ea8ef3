using System.Numerics.Tensors;
using Compress.Numerics;

namespace Compress.Factorization;

/// <summary>
/// Turns an orthonormal basis towards the leading eigenvectors of a Gram matrix: U ← orth(A·U), the block power method
/// (Golub and Van Loan, Matrix Computations). As A is positive semi-definite, no step makes tr(Uᵀ·A·U), the energy that
/// the basis holds, smaller.
/// </summary>
static class OrthogonalIteration
{
    /// <param name="gram">A, size x size.</param>
    /// <param name="basis">U, size x rank, orthonormal columns.</param>
    public static Matrix Step(Matrix gram, Matrix basis)
    {
        var size = gram.Rows;
        var rows = MatrixProduct.TimesTransposed(basis.Transposed(), gram);

        // Where the true rank is below the wanted one, A·U has columns of zero; a small multiple of the identity keeps the old ones.
        double trace = 0;
        for (var i = 0; i < size; i++)
            trace += gram[i, i];
        var shift = 1e-10 * trace / size;
        for (var i = 0; i < basis.Columns; i++)
        {
            for (var j = 0; j < size; j++)
                rows.Values[i * size + j] += shift * basis.Values[j * basis.Columns + i];
        }

        // Gram-Schmidt loses orthogonality by cancellation; a second pass restores it.
        Orthonormalize(rows);
        Orthonormalize(rows);
        return rows.Transposed();
    }

    static void Orthonormalize(Matrix rows)
    {
        for (var i = 0; i < rows.Rows; i++)
        {
            var row = rows.Row(i);
            for (var j = 0; j < i; j++)
            {
                var other = rows.Row(j);
                TensorPrimitives.MultiplyAdd(other, -TensorPrimitives.Dot<double>(row, other), row, row);
            }

            var norm = TensorPrimitives.Norm<double>(row);
            if (norm > 0)
                TensorPrimitives.Divide(row, norm, row);
        }
    }
}
