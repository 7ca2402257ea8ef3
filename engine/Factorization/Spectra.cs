using System.Numerics.Tensors;

namespace Compress.Factorization;

/// <summary>Spectra of parts of a layer that get the same rank.</summary>
static class Spectra
{
    /// <summary>What each rank holds in all parts together.</summary>
    public static double[] Sum(IEnumerable<double[]> spectra)
    {
        double[]? sum = null;
        foreach (var spectrum in spectra)
        {
            if (sum is null)
                sum = [.. spectrum];
            else
                TensorPrimitives.Add<double>(sum, spectrum, sum);
        }

        return sum ?? [];
    }

    /// <summary>For each rank, from 0 on, the share of the energy that it leaves out; zeros where there is none.</summary>
    public static double[] Tails(double[] energies)
    {
        var total = energies.Sum();
        var tails = new double[energies.Length + 1];
        for (var rank = energies.Length - 1; rank >= 0 && total > 0; rank--)
            tails[rank] = tails[rank + 1] + (energies[rank] / total);
        return tails;
    }
}
