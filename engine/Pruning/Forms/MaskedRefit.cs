using Compress.Models;
using Compress.Numerics;
using Compress.Regression;
using Compress.Techniques;

namespace Compress.Pruning.Forms;

/// <summary>
/// Re-fits the weights that stay in a layer whose other weights are zero: the ridge regression of <see cref="Reconstruction"/>, on the same samples,
/// within the weights that stay. Each output has a system of its own then, so they are solved by <see cref="MaskedLeastSquares"/> instead of
/// factorized.
/// </summary>
static class MaskedRefit
{
    /// <summary>Multiply-adds of one step of the solver beyond which a layer is not re-fitted: some tens of seconds for all of them.</summary>
    const long MostProducts = 1L << 31;

    static readonly double[] Penalties = [1e-3, 3e-2];

    /// <returns>
    /// The relative error of the layer's output on samples not used for the fit, before and after; the same twice where no fit was better. Null
    /// where the layer is grouped, has a kernel over three axes, or is too large, or there are too few samples.
    /// </returns>
    public static (double Before, double After)? Run(Model model, PrunedLayer layer, bool[] kept, CompressionContext context)
    {
        var (node, weight) = (layer.Layer.Node, layer.Weight);
        if (!IsMatrix(layer) || !DenseWeights.CanRead(model.Graph, node))
            return null;
        var (inputs, outputs, outputFirst) = DenseWeights.SizesOf(node, weight);
        using var reconstruction = new Reconstruction(model, context, [node], _ => null);
        if (reconstruction.Collect(node) is not { } samples || samples.Train.Rows == 0 || samples.Validation.Rows == 0)
            return null;
        var (train, validation) = (samples.Train, samples.Validation);
        if (Math.Min(train.X.Columns, 2L * train.Rows) * train.X.Columns * outputs > MostProducts)
            return null;

        var weights = DenseWeights.Read(model.Graph, node);
        var squares = validation.SquaredNorm;
        samples.Subtract(weights.ToFloatMatrix());
        var untouched = validation.SquaredNorm;
        var problem = new MaskedLeastSquares(train, Mask(kept, inputs, outputs, outputFirst));
        var (bestError, best) = (untouched, (Matrix?)null);
        foreach (var penalty in Penalties)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var correction = problem.Solve(penalty * problem.MeanSquare);
            var error = LayerSamples.SquaredError(validation, correction.ToFloatMatrix());
            if (error < bestError)
                (bestError, best) = (error, correction);
        }

        if (best is not null)
        {
            weights.Add(best);
            DenseWeights.Write(model.Graph, node, weights);
        }

        return (Math.Sqrt(untouched / squares), Math.Sqrt(bestError / squares));
    }

    static bool IsMatrix(PrunedLayer layer)
    {
        var node = layer.Layer.Node;
        if (layer.Layer.WeightInput != 1)
            return false;
        if (node.Is("Conv"))
            return layer.Layer.Groups == 1 && layer.Layer.Kernel.Length is 1 or 2;
        return layer.Weight.Shape.Length == 2 && layer.Layer.InputShape is { Length: >= 2 }
            && (node.Is("MatMul") || (node.Float("alpha", 1) == 1 && node.Float("beta", 1) == 1 && node.Int("transA") == 0));
    }

    /// <summary>1 for each weight that stays and for biases, 0 for the others: outputs x (inputs + 1).</summary>
    static Matrix Mask(bool[] kept, int inputs, int outputs, bool outputFirst)
    {
        var mask = new Matrix(outputs, inputs + 1);
        for (var output = 0; output < outputs; output++)
        {
            var row = mask.Row(output);
            for (var input = 0; input < inputs; input++)
                row[input] = kept[outputFirst ? (output * inputs) + input : (input * outputs) + output] ? 1 : 0;
            row[inputs] = 1;
        }

        return mask;
    }
}
