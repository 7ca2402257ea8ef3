using Compress.Numerics;

namespace Compress.Factorization;

/// <summary>Matrices that are decomposed side by side and to the same rank: the batch of a MatMul, or the groups of a convolution.</summary>
sealed class SvdStack(IEnumerable<Matrix> matrices)
{
    readonly TruncatedSvd[] parts = [.. matrices.Select(matrix => new TruncatedSvd(matrix))];

    /// <summary>For each rank what it holds of ‖W‖² in all matrices together, the greatest first.</summary>
    public double[] SquaredSingularValues => Spectra.Sum(parts.Select(part => part.SquaredSingularValues));

    /// <summary>L and R of each matrix.</summary>
    public IReadOnlyList<(Matrix Left, Matrix Right)> Factors(int rank) => [.. parts.Select(part => part.Factors(rank))];

    /// <summary>‖W − L·R‖ / ‖W‖ over all matrices; 0 where they are zeros.</summary>
    public double RelativeError(int rank)
    {
        var values = SquaredSingularValues;
        var total = values.Sum();
        return total > 0 ? Math.Sqrt(values.Skip(rank).Sum() / total) : 0;
    }
}
