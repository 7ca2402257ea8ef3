using Compress.Numerics;
namespace Compress.Factorization;

/// <summary>
/// W ≈ G x_out U_out x_in U_in (Tucker 1966), on the channel modes alone: Tucker-2, or Tucker-1 where the input mode stays whole.
/// </summary>
/// <param name="CoreTensor">G, R4 x positions x R3.</param>
/// <param name="OutputFactor">U_out, C_out x R4, orthonormal columns; null where the output mode stays whole.</param>
/// <param name="InputFactor">U_in, C_in x R3, orthonormal columns; null where the input mode stays whole.</param>
/// <param name="RelativeError">‖W − Ŵ‖ / ‖W‖; 0 for a kernel of zeros.</param>
sealed record TuckerDecomposition(KernelTensor CoreTensor, Matrix? OutputFactor, Matrix? InputFactor, double RelativeError)
{
    /// <summary>The best core for given orthonormal factors: G = W x_out U_outᵀ x_in U_inᵀ.</summary>
    public static TuckerDecomposition Of(KernelTensor kernel, Matrix? outputFactor, Matrix? inputFactor)
    {
        var projected = inputFactor is null ? kernel : kernel.ModeProduct(Mode.Input, inputFactor.Transposed());
        var core = outputFactor is null ? projected : projected.ModeProduct(Mode.Output, outputFactor.Transposed());
        return new TuckerDecomposition(core, outputFactor, inputFactor, ErrorOf(kernel.SquaredNorm, core.SquaredNorm));
    }

    /// <summary>Ŵ = G x_out U_out x_in U_in.</summary>
    public KernelTensor Reconstruct()
    {
        var kernel = OutputFactor is null ? CoreTensor : CoreTensor.ModeProduct(Mode.Output, OutputFactor);
        return InputFactor is null ? kernel : kernel.ModeProduct(Mode.Input, InputFactor);
    }

    /// <summary>‖W − Ŵ‖ / ‖W‖ over the kernels of a grouped convolution.</summary>
    public static double ErrorOf(IReadOnlyList<TuckerDecomposition> groups, IReadOnlyList<KernelTensor> kernels) =>
        ErrorOf(kernels.Sum(kernel => kernel.SquaredNorm), groups.Sum(group => group.CoreTensor.SquaredNorm));

    /// <summary>As projections are orthogonal, ‖W − Ŵ‖² = ‖W‖² − ‖G‖².</summary>
    internal static double ErrorOf(double squaredNorm, double squaredCoreNorm) =>
        squaredNorm > 0 ? Math.Sqrt(Math.Max(0, 1 - squaredCoreNorm / squaredNorm)) : 0;
}
