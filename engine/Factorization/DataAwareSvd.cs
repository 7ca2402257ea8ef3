using Compress.Numerics;
using Compress.Regression;

namespace Compress.Factorization;

/// <summary>
/// Weights of low rank chosen by the outputs that they give on calibration data: the layer is fitted to its already compressed inputs, and
/// its outputs are then brought down to their principal axes.
/// </summary>
sealed class DataAwareSvd
{
    readonly LayerSamples samples;
    readonly Matrix weights;
    readonly double squares;
    readonly double unit;
    readonly Lazy<OutputSubspace> outputs;

    /// <param name="samples">The layer's inputs in the compressed model, with the outputs of the original.</param>
    /// <param name="weights">Outputs x (inputs + 1), the bias last.</param>
    /// <param name="hasBias">Whether the layer can have a bias.</param>
    /// <param name="ridge">Fits the layers of a model one after another.</param>
    public DataAwareSvd(LayerSamples samples, Matrix weights, bool hasBias, RidgeFit ridge)
    {
        (this.samples, this.weights) = (samples, weights);
        squares = samples.Validation.SquaredNorm;
        var fitted = new Matrix(weights.Rows, weights.Columns, (double[])weights.Values.Clone());
        if (ridge.Find(samples, weights.ToFloatMatrix()).Added is { } added)
            fitted.Add(added);
        unit = samples.All.Rows > 0 ? samples.All.X.Row(0)[^1] : 1;
        Fitted = fitted;
        outputs = new(() => new OutputSubspace(samples.All.X, fitted, hasBias));
    }

    /// <summary>The weights after the fit, of full rank: outputs x (inputs + 1), the bias last.</summary>
    public Matrix Fitted { get; }

    public OutputSubspace Outputs => outputs.Value;

    /// <summary>The relative error of the outputs on the samples for validation with other weights in the place of the layer's own.</summary>
    /// <param name="whole">Outputs x (inputs + 1), the bias last.</param>
    public double ErrorOf(Matrix whole)
    {
        var change = new Matrix(whole.Rows, whole.Columns);
        for (var i = 0; i < change.Values.Length; i++)
            change.Values[i] = whole.Values[i] - weights.Values[i];
        // The last number of an input row is not one any more, but as large as inputs are.
        for (var o = 0; o < change.Rows && unit != 0; o++)
            change.Row(o)[^1] /= unit;
        return squares > 0 ? Math.Sqrt(LayerSamples.SquaredError(samples.Validation, change.ToFloatMatrix()) / squares) : 0;
    }
}
