using Compress.Execution;
using Compress.Models;
using Compress.Numerics;
using Compress.Techniques;

namespace Compress.Pruning;

/// <summary>
/// Re-fits the weights of a layer whose inputs were pruned, so that on calibration data it gives what the original layer gave
/// (He et al., Channel Pruning, ICCV 2017, without the selection step). The inputs are those of the already compressed model, so that
/// errors do not add up; where the layer's output is added to a branch that is already compressed, it is fitted to make up for that
/// branch's error too. The fit is a ridge regression around the weights that pruning left; its penalty, and whether to fit at all, is
/// decided on samples that the fit does not see.
/// </summary>
sealed class Reconstruction(Model model, CompressionContext context, Func<string, int[]?> keptChannels)
{
    /// <summary>Rows for each unknown: enough for the fit to be well determined, and no more.</summary>
    const int RowsPerInput = 8;

    const int LeastRows = 1 << 11;
    const int MostRows = 1 << 13;
    const long NumberBudget = 1L << 25;
    /// <summary>With fewer, none is left to validate a fit on.</summary>
    public const int LeastSamples = ValidationEvery;

    const int ValidationEvery = 4;
    static readonly double[] Penalties = [1e-4, 1e-3, 1e-2, 1e-1, 1];

    /// <summary>Re-fits one layer in place.</summary>
    /// <returns>
    /// The relative error of its output on samples not used for the fit, before and after; the same twice where no fit was better.
    /// Null where the layer is of a kind that is not fitted.
    /// </returns>
    public (double Before, double After)? Fit(Node node)
    {
        if (node.Is("Gemm") && (node.Float("alpha", 1) != 1 || node.Float("beta", 1) != 1 || !DenseWeights.CanRead(model.Graph, node)))
            return null;
        if (Collect(node) is not var (train, validation) || train.Rows == 0 || validation.Rows == 0)
            return null;

        var weights = DenseWeights.Read(model.Graph, node);
        var squares = validation.SquaredNorm;
        train.Subtract(weights);
        validation.Subtract(weights);
        var untouched = validation.SquaredNorm;
        var problem = new RidgeRegression(train);

        var (bestError, best) = (untouched, (Matrix?)null);
        foreach (var penalty in Penalties)
        {
            if (problem.Solve(penalty * problem.MeanSquare) is not { } correction)
                continue;
            var error = validation.SquaredError(correction);
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

    /// <summary>Input rows of a layer with the outputs wanted for them; null where the layer is of a kind that is not fitted.</summary>
    public (LayerSamples Train, LayerSamples Validation)? Collect(Node node)
    {
        var calibration = context.Calibration!;
        var branch = CompensatedBranch(node);
        var wanted = branch is null ? node.Output() : model.Graph.OnlyConsumer(node.Output())!.Output();
        var weight = model.Graph.Initializer(node.Input(1))!;
        var (inputs, outputs, _) = DenseWeights.SizesOf(node, weight);
        using var current = TensorTap.Open(model, branch is null ? [node.Input(0)] : [node.Input(0), branch], context.Threads);
        using var original = TensorTap.Open(context.Original, [wanted], context.Threads);
        var kept = keptChannels(node.Output());

        var rows = (int)Math.Min(Math.Clamp(RowsPerInput * (long)inputs, LeastRows, MostRows), NumberBudget / (inputs + 1));
        var sampleStep = Math.Max(1, (calibration.Count + rows - 1) / rows);
        var used = (calibration.Count + sampleStep - 1) / sampleStep;
        var perSample = Math.Max(1, (rows + used - 1) / used);
        (LayerSamples Train, LayerSamples Validation)? samples = null;
        var batchSize = context.BatchFor(current, model, [node.Input(0), wanted]);
        for (var start = 0; start < calibration.Count; start += batchSize)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(batchSize, calibration.Count - start);
            var batch = calibration.Read(start, count);
            using var after = current.Run(batch, context.Cancellation);
            using var before = original.Run(batch, context.Cancellation);
            var x = after.Floats(node.Input(0));
            var y = before.Floats(wanted);
            var sum = branch is null ? [] : after.Floats(branch);
            var outputShape = before.Shape(wanted)!;
            if (InputPatches.Of(node, weight.Shape, after.Shape(node.Input(0))!, outputShape) is not { } patches)
                return null;
            if (patches.Positions == 0)
                return null;
            samples ??= Allocate(used, Math.Min(perSample, patches.Positions));
            for (var sample = 0; sample < count; sample++)
            {
                if ((start + sample) % sampleStep != 0)
                    continue;
                var into = IsForValidation((start + sample) / sampleStep) ? samples.Value.Validation : samples.Value.Train;
                var xOne = Slice(x, sample, count);
                var yOne = Slice(y, sample, count);
                var sumOne = Slice(sum, sample, count);
                foreach (var position in Positions(patches.Positions, perSample, start + sample))
                {
                    into.Add(out var row, out var target);
                    patches.Fill(xOne, position, row);
                    for (var o = 0; o < outputs; o++)
                    {
                        target[o] = yOne[((kept?[o] ?? o) * patches.Positions) + position]
                            - (sumOne.IsEmpty ? 0 : sumOne[(o * patches.Positions) + position]);
                    }
                }
            }
        }

        return samples;

        (LayerSamples, LayerSamples) Allocate(int samplesUsed, int rowsEach)
        {
            var unseen = Enumerable.Range(0, samplesUsed).Count(IsForValidation);
            var hasBias = !node.Is("MatMul");
            return (new LayerSamples((samplesUsed - unseen) * rowsEach, inputs, outputs, hasBias),
                new LayerSamples(unseen * rowsEach, inputs, outputs, hasBias));
        }
    }

    static bool IsForValidation(int sample) => sample % ValidationEvery == ValidationEvery - 1;

    /// <summary>The other operand of the addition that alone takes the layer's output, if it does not depend on the layer.</summary>
    string? CompensatedBranch(Node node)
    {
        if (model.Graph.OnlyConsumer(node.Output()) is not { } add || !add.Is("Add") || context.Original.Graph.Producer(add.Output()) is null)
            return null;
        var other = add.Input(0) == node.Output() ? add.Input(1) : add.Input(0);
        if (!SameShape(other, node.Output()) || !SameShape(add.Output(), node.Output()))
            return null;
        var order = model.Graph.Nodes;
        return model.Graph.Producer(other) is { } producer && order.Index().First(entry => entry.Item == producer).Index
            < order.Index().First(entry => entry.Item == node).Index ? other : null;
    }

    /// <summary>An addition that broadcasts has no error of the branch to make up for, position by position.</summary>
    bool SameShape(string one, string other)
    {
        var shapes = context.MeasureShapes(model);
        return shapes.Of(one) is { } shape && shapes.Of(other) is { } otherShape && shape.AsSpan().SequenceEqual(otherShape);
    }

    /// <summary>Distinct output positions of one sample, spread evenly from an offset that differs between samples.</summary>
    IEnumerable<int> Positions(int positions, int wanted, int sample)
    {
        var count = Math.Min(positions, wanted);
        // Knuth's multiplicative hash: neighbouring samples start far apart.
        var first = (int)((uint)((sample + context.Seed) * 2654435761L) % (uint)positions);
        for (var i = 0; i < count; i++)
            yield return (first + (int)((long)i * positions / count)) % positions;
    }

    static ReadOnlySpan<float> Slice(ReadOnlySpan<float> values, int sample, int count)
    {
        var size = values.Length / count;
        return values.Slice(sample * size, size);
    }
}
