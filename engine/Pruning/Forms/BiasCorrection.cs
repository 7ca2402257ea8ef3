using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Techniques;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Pruning.Forms;

/// <summary>
/// Adds to a layer's bias what its outputs lost on average: b += E[y] − E[ŷ], the closed form of the least squares in the bias alone. The
/// expectation is over calibration samples and output positions, with ŷ from the model as pruned and corrected so far.
/// </summary>
static class BiasCorrection
{
    /// <summary>With fewer samples, the mean would be that of the samples and not of the data.</summary>
    public const int LeastSamples = 16;

    const int MostSamples = 256;

    /// <summary>Measures a layer's error, and corrects its bias where that is wanted and possible.</summary>
    /// <returns>
    /// ‖y − ŷ‖ / ‖y‖ before and after, the same twice where nothing was corrected; not finite where y is zero. Null where the layer's output
    /// has no axis of output channels.
    /// </returns>
    public static (double Before, double After, bool IsCorrected)? Run(Model before, Model after, Layer layer, bool isWanted, CompressionContext context)
    {
        var (node, output) = (layer.Node, layer.Node.Output());
        var count = Math.Min(MostSamples, context.Calibration!.Count);
        using var reference = TensorTap.Open(before, [output], context.Threads);
        using var candidate = TensorTap.Open(after, [output], context.Threads);
        var batchSize = context.BatchFor(reference, after, [output]);
        var error = default(SquaredError);
        double[]? shift = null;
        var each = 0L;
        for (var start = 0; start < count; start += batchSize)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var batch = context.Calibration.Read(start, Math.Min(batchSize, count - start));
            using var expected = reference.Run(batch, context.Cancellation);
            using var actual = candidate.Run(batch, context.Cancellation);
            var y = expected.Floats(output);
            var given = actual.Floats(output);
            error += SquaredError.Of(y, given);
            var shape = expected.Shape(output)!;
            var axis = node.Is("Conv") ? 1 : shape.Length - 1;
            if (axis < 0)
                return null;
            shift ??= new double[shape[axis]];
            var inner = Cost.Product(shape.AsSpan(axis + 1));
            for (var i = 0; i < y.Length; i++)
                shift[i / inner % shift.Length] += (double)y[i] - given[i];
            each += y.Length / Math.Max(1, shift.Length);
        }

        if (shift is null || each == 0)
            return null;
        for (var i = 0; i < shift.Length; i++)
            shift[i] /= each;
        var saved = each * shift.Sum(value => value * value);
        var corrected = error with { Difference = Math.Max(0, error.Difference - saved) };
        var isCorrected = isWanted && count >= LeastSamples && shift.All(double.IsFinite) && Add(after.Graph, layer, shift);
        return (error.Relative, isCorrected ? corrected.Relative : error.Relative, isCorrected);
    }

    static bool Add(Graph graph, Layer layer, double[] shift)
    {
        if (layer.WeightInput != 1 || layer.Weight.Type != DataType.Float || !LayerBias.CanShift(graph, layer.Node, shift.Length))
            return false;
        LayerBias.Shift(graph, layer.Node, shift);
        return true;
    }
}
