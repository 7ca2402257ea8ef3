using System.Numerics.Tensors;
using Compress.Numerics;

namespace Compress.Factorization;

/// <summary>
/// W ≈ L·R with the leading singular vectors of W, the best approximation of its rank in the Frobenius norm
/// (Eckart and Young 1936): ‖W − L·R‖² is the sum of the squared singular values left out.
/// </summary>
/// <remarks>The decomposition comes from the Gram matrix of the shorter side, so that its cost is that of the shorter side cubed.</remarks>
sealed class TruncatedSvd
{
    readonly bool isTransposed;
    readonly Matrix wide;
    readonly SymmetricEigen eigen;

    public TruncatedSvd(Matrix matrix)
    {
        isTransposed = matrix.Rows > matrix.Columns;
        wide = isTransposed ? matrix.Transposed() : matrix;
        eigen = SymmetricEigen.Of(MatrixProduct.Gram(wide));
    }

    /// <summary>The squared singular values, the greatest first.</summary>
    public double[] SquaredSingularValues => eigen.Values;

    /// <summary>L = U·S^½ of rows x rank and R = S^½·Vᵀ of rank x columns: each takes half of the magnitude, which suits int8 later.</summary>
    public (Matrix Left, Matrix Right) Factors(int rank)
    {
        var left = new Matrix(rank, wide.Rows, eigen.Vectors.Values[..(rank * wide.Rows)]);
        var right = left.Times(wide);
        for (var i = 0; i < rank; i++)
        {
            // The norm of Uᵀ·W is the singular value; where it is 0, so is the row, and no scale matters.
            var root = Math.Sqrt(TensorPrimitives.Norm<double>(right.Row(i)));
            TensorPrimitives.Multiply(left.Row(i), root, left.Row(i));
            if (root > 0)
                TensorPrimitives.Divide(right.Row(i), root, right.Row(i));
        }

        return isTransposed ? (right.Transposed(), left) : (left.Transposed(), right);
    }
}
