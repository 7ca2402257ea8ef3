using Compress.Numerics;
namespace Compress.Factorization;

/// <summary>
/// The higher-order singular value decomposition (De Lathauwer, De Moor and Vandewalle 2000a) of a kernel on its channel
/// modes. The factors are the leading left singular vectors of the mode unfoldings, found from their Gram matrices.
/// </summary>
sealed class HigherOrderSvd(KernelTensor kernel)
{
    readonly Lazy<SymmetricEigen> output = new(() => SymmetricEigen.Of(MatrixProduct.Gram(kernel.Unfold(Mode.Output))));
    readonly Lazy<SymmetricEigen> input = new(() => SymmetricEigen.Of(MatrixProduct.Gram(kernel.Unfold(Mode.Input))));

    public KernelTensor Kernel { get; } = kernel;

    /// <summary>The squared singular values of a mode unfolding, the greatest first.</summary>
    public double[] SquaredSingularValues(Mode mode) => Of(mode).Values;

    /// <summary>U of a mode: channels x rank, orthonormal columns.</summary>
    public Matrix Factor(Mode mode, int rank) => Of(mode).Leading(rank);

    public TuckerDecomposition Truncate(TuckerRanks ranks) =>
        TuckerDecomposition.Of(
            Kernel, ranks.Output is { } output ? Factor(Mode.Output, output) : null, ranks.Input is { } input ? Factor(Mode.Input, input) : null);

    /// <summary>Decomposes both modes at once, where both will be asked for.</summary>
    public void DecomposeBoth() => Parallel.Invoke(() => _ = output.Value, () => _ = input.Value);

    SymmetricEigen Of(Mode mode) => (mode == Mode.Output ? output : input).Value;
}
