using Compress.Numerics;
using Compress.Regression;

namespace Compress.Factorization;

/// <summary>
/// CP of a convolution by the outputs that it gives on calibration data: the kernel is decomposed on whitened inputs, and the output factor is
/// then fitted to the original outputs on what the other factors give.
/// </summary>
/// <param name="samples">The layer's im2col rows in the compressed model, with the outputs of the original.</param>
/// <param name="kernel">The layer's kernel.</param>
/// <param name="height">K_h.</param>
/// <param name="width">K_w.</param>
/// <param name="bias">A number for each output.</param>
sealed class DataAwareCp(SampledLayer samples, KernelTensor kernel, int height, int width, double[] bias)
{
    const int RowsInPart = 1024;

    readonly Dictionary<int, DataAwareCpFactors> found = [];
    readonly Lazy<InputWhitening?> whitening = new(() => InputWhitening.Of(samples.Samples.All.X, kernel.Inputs, kernel.Positions));

    /// <summary>The factors of a rank; asked for a second time, those found before.</summary>
    public DataAwareCpFactors Run(int rank, CancellationToken cancellation)
    {
        if (!found.TryGetValue(rank, out var factors))
            found.Add(rank, factors = Find(rank, cancellation));
        return factors;
    }

    DataAwareCpFactors Find(int rank, CancellationToken cancellation)
    {
        var whitened = whitening.Value?.Whiten(kernel) ?? kernel;
        var cp = new CpAlternation(whitened, height, width).Run(rank, seed: 0, cancellation);
        if (whitening.Value is { } inputs)
        {
            var unwhitened = inputs.Unwhiten(Matrix.Of(cp.Inputs.Values.Span, rank, kernel.Inputs));
            cp = cp with { Inputs = unwhitened.ToFloatMatrix() };
        }

        var before = samples.Samples.RelativeError(WithBias(cp.Reconstruct(), bias));
        var rows = Through(cp.Features());
        var weights = WithBias(cp.Outputs.Transposed(), bias);
        var fit = new DataAwareSvd(rows, Matrix.Of(weights.Values.Span, weights.Rows, weights.Columns), hasBias: true, samples.Ridge);
        var fitted = fit.Fitted;
        var outputs = new FloatMatrix(kernel.Outputs, rank);
        for (var o = 0; o < kernel.Outputs; o++)
        {
            for (var r = 0; r < rank; r++)
                outputs.Row(o)[r] = (float)fitted[o, r];
        }

        return new DataAwareCpFactors(
            cp with { Outputs = outputs.Transposed() }, fitted.Column(rank), before, fit.ErrorOf(fitted));
    }

    /// <summary>The samples as the output factor sees them.</summary>
    LayerSamples Through(FloatMatrix features)
    {
        var inputs = samples.Samples.All.X;
        var seen = samples.Samples.WithInputs(features.Rows, hasBias: true);
        var weights = new FloatMatrix(features.Rows, features.Columns + 1);
        for (var r = 0; r < features.Rows; r++)
            features.Row(r).CopyTo(weights.Row(r));
        for (var start = 0; start < inputs.Rows; start += RowsInPart)
        {
            var part = inputs.Slice(start, Math.Min(RowsInPart, inputs.Rows - start));
            var given = new FloatMatrix(part.Rows, features.Rows);
            FloatProduct.AddTimesTransposed(part, weights, given);
            for (var row = 0; row < part.Rows; row++)
                given.Row(row).CopyTo(seen.Input(start + row));
        }

        return seen;
    }

    static FloatMatrix WithBias(FloatMatrix weights, double[] bias)
    {
        var whole = new FloatMatrix(weights.Rows, weights.Columns + 1);
        for (var o = 0; o < weights.Rows; o++)
        {
            weights.Row(o).CopyTo(whole.Row(o));
            whole.Row(o)[^1] = (float)bias[o];
        }

        return whole;
    }
}

/// <summary>What was found with data.</summary>
/// <param name="Cp">The factors.</param>
/// <param name="Bias">The bias that goes with them.</param>
/// <param name="ErrorBefore">The relative error of the outputs, on samples not used for the fit, before the output factor is fitted.</param>
/// <param name="Error">That with the fit.</param>
sealed record DataAwareCpFactors(CpDecomposition Cp, double[] Bias, double ErrorBefore, double Error);
