using System.Numerics.Tensors;

namespace Compress.Numerics;

/// <summary>
/// LASSO by coordinate descent on the Gram matrix (Tibshirani 1996; Friedman et al. 2007): the β that minimises
/// ½βᵀGβ − qᵀβ + λ‖β‖₁, which is ½‖y − Zβ‖² + λ‖β‖₁ with G = ZᵀZ and q = Zᵀy. A sweep costs n² multiply-adds, however many
/// samples there were.
/// </summary>
static class Lasso
{
    const int MostSweeps = 2000;

    /// <summary>The least change of the fit, relative to what one variable alone explains, that is worth another sweep.</summary>
    const double Tolerance = 1e-14;

    /// <param name="gram">G, n x n, symmetric and positive semi-definite.</param>
    /// <param name="right">q.</param>
    /// <param name="lambda">λ, zero or more; from max |q| on, β is zero.</param>
    /// <param name="start">Where to start from, e.g. the solution for another λ.</param>
    public static double[] Solve(Matrix gram, double[] right, double lambda, double[] start)
    {
        var beta = (double[])start.Clone();
        var residual = (double[])right.Clone();
        for (var i = 0; i < beta.Length; i++)
            TensorPrimitives.MultiplyAdd(gram.Row(i), -beta[i], residual, residual);
        var unit = Enumerable.Range(0, beta.Length).Max(i => gram[i, i] > 0 ? right[i] * right[i] / gram[i, i] : 0);
        for (var sweep = 0; sweep < MostSweeps; sweep++)
        {
            var greatest = 0.0;
            for (var i = 0; i < beta.Length; i++)
            {
                // A variable that is zero everywhere explains nothing.
                var square = gram[i, i];
                var next = square > 0 ? SoftThreshold(residual[i] + (square * beta[i]), lambda) / square : 0;
                var step = next - beta[i];
                if (step == 0)
                    continue;
                beta[i] = next;
                TensorPrimitives.MultiplyAdd(gram.Row(i), -step, residual, residual);
                greatest = Math.Max(greatest, square * step * step);
            }

            if (greatest <= Tolerance * unit)
                break;
        }

        return beta;
    }

    static double SoftThreshold(double value, double lambda) => Math.Sign(value) * Math.Max(0, Math.Abs(value) - lambda);
}
