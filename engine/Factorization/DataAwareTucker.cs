using System.Numerics.Tensors;
using Compress.Numerics;
using Compress.Regression;

namespace Compress.Factorization;

/// <summary>
/// Tucker-2 of a convolution by the outputs that it gives on calibration data. The input factor holds the leading directions of the kernel on
/// whitened inputs; behind it, kernel and output factor are those of a reduced-rank regression to the original outputs.
/// </summary>
sealed class DataAwareTucker
{
    readonly LayerSamples samples;
    readonly KernelTensor kernel;
    readonly double[] bias;
    readonly InputWhitening? whitening;
    readonly KernelTensor whitened;
    readonly Lazy<SymmetricEigen> input;
    readonly Lazy<SymmetricEigen> output;

    /// <param name="samples">The layer's im2col rows in the compressed model, with the outputs of the original.</param>
    /// <param name="kernel">The layer's kernel.</param>
    /// <param name="bias">A number for each output.</param>
    public DataAwareTucker(LayerSamples samples, KernelTensor kernel, double[] bias)
    {
        (this.samples, this.kernel, this.bias) = (samples, kernel, bias);
        whitening = InputWhitening.Of(samples.All.X, kernel.Inputs, kernel.Positions);
        whitened = whitening?.Whiten(kernel) ?? kernel;
        input = new(() => SymmetricEigen.Of(MatrixProduct.Gram(whitened.Unfold(Mode.Input))));
        output = new(() => SymmetricEigen.Of(MatrixProduct.Gram(whitened.Unfold(Mode.Output))));
    }

    /// <summary>The energy of the outputs along the directions of a mode, as far as whitened inputs tell; the greatest first.</summary>
    public double[] Energies(Mode mode) => (mode == Mode.Input ? input : output).Value.Values;

    /// <param name="ranks">The ranks.</param>
    /// <param name="plain">The decomposition that does not look at data, to compare with.</param>
    /// <param name="ridge">Fits the layers of a model one after another.</param>
    public DataAwareFactors Run(TuckerRanks ranks, TuckerDecomposition plain, RidgeFit ridge)
    {
        var plainError = samples.RelativeError(WithBias(plain.Reconstruct()).ToFloatMatrix());
        var factor = ranks.Input is { } rank ? InputFactor(rank) : null;
        // W ≈ (W·L·U)·(Uᵀ·L⁻¹): what is left for the core is the whitened kernel along U.
        var left = ranks.Input is { } kept ? whitened.ModeProduct(Mode.Input, input.Value.Leading(kept).Transposed()) : kernel;
        var rows = factor is null ? samples : Projected(factor);
        var fit = new DataAwareSvd(rows, WithBias(left), hasBias: true, ridge);
        if (ranks.Output is not { } outputRank)
        {
            var whole = new TuckerDecomposition(ToKernel(fit.Fitted, left), null, factor?.Transposed(), plain.RelativeError);
            return new DataAwareFactors(whole, fit.Fitted.Column(fit.Fitted.Columns - 1), plainError, fit.ErrorOf(fit.Fitted));
        }

        var weights = fit.Outputs.Project(outputRank);
        var tucker = new TuckerDecomposition(ToKernel(weights.InputFactor, left), weights.OutputFactor, factor?.Transposed(), plain.RelativeError);
        return new DataAwareFactors(tucker, weights.Bias, plainError, fit.ErrorOf(weights.Whole()));
    }

    /// <summary>Uᵀ·L⁻¹, R3 x C_in.</summary>
    Matrix InputFactor(int rank)
    {
        var directions = input.Value.Leading(rank).Transposed();
        return whitening?.Unwhiten(directions) ?? directions;
    }

    LayerSamples Projected(Matrix factor)
    {
        var projected = samples.WithInputs(factor.Rows * kernel.Positions, hasBias: true);
        _ = projected.Input(0);
        InputWhitening.Project(samples.All.X, kernel.Positions, factor, (row, values) => values.CopyTo(projected.Input(row)));
        return projected;
    }

    /// <summary>Rows as ONNX orders a kernel: for each input channel its positions; the bias last.</summary>
    Matrix WithBias(KernelTensor tensor)
    {
        var columns = tensor.Inputs * tensor.Positions;
        var floats = tensor.ToFloats();
        var matrix = new Matrix(tensor.Outputs, columns + 1);
        for (var o = 0; o < tensor.Outputs; o++)
        {
            TensorPrimitives.ConvertTruncating<float, double>(floats.AsSpan(o * columns, columns), matrix.Row(o));
            matrix.Row(o)[columns] = bias[o];
        }

        return matrix;
    }

    static KernelTensor ToKernel(Matrix rows, KernelTensor form)
    {
        var values = new double[rows.Rows * form.Positions * form.Inputs];
        for (var o = 0; o < rows.Rows; o++)
        {
            for (var i = 0; i < form.Inputs; i++)
            {
                for (var k = 0; k < form.Positions; k++)
                    values[(((o * form.Positions) + k) * form.Inputs) + i] = rows[o, (i * form.Positions) + k];
            }
        }

        return new KernelTensor(rows.Rows, form.Positions, form.Inputs, values);
    }
}

/// <summary>What was found with data.</summary>
/// <param name="Tucker">The factors.</param>
/// <param name="Bias">The bias that goes with them.</param>
/// <param name="PlainError">The relative error of the outputs, on samples not used for the fit, of the decomposition that does not look at data.</param>
/// <param name="Error">That of these factors.</param>
sealed record DataAwareFactors(TuckerDecomposition Tucker, double[] Bias, double PlainError, double Error);
