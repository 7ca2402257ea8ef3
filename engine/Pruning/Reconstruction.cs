using System.Numerics.Tensors;
using Compress.Execution;
using Compress.Models;
using Compress.Techniques;

namespace Compress.Pruning;

/// <summary>
/// Re-fits the weights of a layer whose inputs were pruned, so that on calibration data it gives what the original layer gave
/// (He et al., Channel Pruning, ICCV 2017, without the selection step). The inputs are those of the already compressed model, so that
/// errors do not add up; where the layer's output is added to a branch that is already compressed, it is fitted to make up for that
/// branch's error too. The fit is a ridge regression around the weights that pruning left; its penalty, and whether to fit at all, is
/// decided on samples that the fit does not see.
/// </summary>
sealed class Reconstruction(Model model, CompressionContext context, Func<string, int[]?> keptChannels) : IDisposable
{
    /// <summary>Rows for each unknown: enough for the fit to be well determined, and no more.</summary>
    const int RowsPerInput = 8;

    const int LeastRows = 1 << 11;
    const int MostRows = 1 << 13;
    const long NumberBudget = 1L << 25;
    const int ValidationEvery = 4;
    static readonly double[] Penalties = [1e-4, 1e-3, 1e-2, 1e-1, 1];

    readonly MatrixProduct product = new(context.Threads);

    public void Dispose() => product.Dispose();

    /// <summary>Re-fits one layer in place.</summary>
    /// <returns>
    /// The relative error of its output on samples not used for the fit, before and after; the same twice where no fit was better.
    /// Null where the layer is of a kind that is not fitted.
    /// </returns>
    public (double Before, double After)? Fit(Node node)
    {
        if (node.Is("Gemm") && (node.Float("alpha", 1) != 1 || node.Float("beta", 1) != 1))
            return null;
        if (Collect(node) is not var (train, validation) || train.Rows == 0 || validation.Rows == 0)
            return null;

        var weights = DenseWeights.Read(model.Graph, node);
        var squares = SumOfSquares(validation.Y);
        SubtractProduct(train, weights);
        SubtractProduct(validation, weights);
        var untouched = SumOfSquares(validation.Y);
        var problem = new RidgeRegression(train.X, train.Rows, train.Columns, train.Y, product);

        var (bestError, best) = (untouched, (float[]?)null);
        foreach (var penalty in Penalties)
        {
            if (problem.Solve(penalty * problem.MeanSquare) is not { } delta)
                continue;
            var error = RidgeRegression.SquaredError(validation.X, validation.Rows, validation.Y, delta, train.Columns, product);
            if (error < bestError)
                (bestError, best) = (error, delta);
        }

        if (best is not null)
        {
            for (var i = 0; i < weights.Length; i++)
                weights[i] += best[i];
            DenseWeights.Write(model.Graph, node, weights);
        }

        return (Math.Sqrt(untouched / squares), Math.Sqrt(bestError / squares));
    }

    (LayerSamples Train, LayerSamples Validation)? Collect(Node node)
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
        var batchSize = current.IsBatchFree && calibration.IsUniform ? context.BatchSize : 1;
        for (var start = 0; start < calibration.Count; start += batchSize)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(batchSize, calibration.Count - start);
            var batch = calibration.Read(start, count);
            using var after = current.Run(batch);
            using var before = original.Run(batch);
            var x = after.Floats(node.Input(0));
            var y = before.Floats(wanted);
            var sum = branch is null ? [] : after.Floats(branch);
            var outputShape = before.Shape(wanted)!;
            if (InputPatches.Of(node, weight.Shape, after.Shape(node.Input(0))!, outputShape) is not { } patches)
                return null;
            if (branch is not null && sum.Length != count * outputs * patches.Positions)
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
        var order = model.Graph.Nodes;
        return model.Graph.Producer(other) is { } producer && order.Index().First(entry => entry.Item == producer).Index
            < order.Index().First(entry => entry.Item == node).Index ? other : null;
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

    /// <summary>Leaves in the wanted outputs what the weights do not give: Y − X·W.</summary>
    void SubtractProduct(LayerSamples samples, float[] weights)
    {
        var given = product.Of(samples.X, samples.Rows, weights, samples.Columns);
        TensorPrimitives.Subtract(samples.Y, given, samples.Y);
    }

    static double SumOfSquares(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += (double)value * value;
        return sum;
    }

    static ReadOnlySpan<float> Slice(ReadOnlySpan<float> values, int sample, int count)
    {
        var size = values.Length / count;
        return values.Slice(sample * size, size);
    }
}
