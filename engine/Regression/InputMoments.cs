using System.Numerics.Tensors;
using Compress.Execution;
using Compress.Models;
using Compress.Numerics;
using Compress.Techniques;

namespace Compress.Regression;

/// <summary>
/// The second moments XᵀX of a layer's inputs at output positions drawn from calibration samples. Where the layer can take a bias, they are
/// those about the mean, (X − X̄)ᵀ(X − X̄): a bias makes up for what an input gives on average.
/// </summary>
static class InputMoments
{
    /// <summary>As many as He et al. draw from an image.</summary>
    const int PositionsPerSample = 10;

    /// <summary>With more, XᵀX would take over half a gigabyte.</summary>
    public const int MostInputs = 1 << 13;

    const int MostRows = 1 << 13;
    const int RowsInPart = 1024;

    /// <summary>The moments, inputs x inputs; the order of inputs is that of the columns of <see cref="DenseWeights"/>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="node">A layer of it.</param>
    /// <param name="context">Names the data, of which there must be some.</param>
    /// <returns>Null for a layer that is grouped, has a kernel over three axes, or has more than <see cref="MostInputs"/> inputs.</returns>
    public static Matrix? Of(Model model, Node node, CompressionContext context)
    {
        var calibration = context.Calibration!;
        var weight = model.Graph.Initializer(node.Input(1))!;
        var (inputs, _, _) = DenseWeights.SizesOf(node, weight);
        if (inputs > MostInputs)
            return null;
        var random = new Random(context.Seed);
        var moments = new Matrix(inputs, inputs);
        var sums = new double[inputs];
        var (part, filled, rows) = (new float[RowsInPart * inputs], 0, 0);
        using var tap = TensorTap.Open(model, [node.Input(0), node.Output()], context.Threads);
        var batchSize = context.BatchFor(tap, model, [node.Input(0), node.Output()]);
        var step = 1 + ((calibration.Count - 1) / MostRows);
        for (var start = 0; start < calibration.Count; start += batchSize)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(batchSize, calibration.Count - start);
            using var result = tap.Run(calibration.Read(start, count), context.Cancellation);
            if (InputPatches.Of(node, weight.Shape, result.Shape(node.Input(0))!, result.Shape(node.Output())!, count) is not { } patches || patches.RowLength != inputs)
                return null;
            var x = result.Floats(node.Input(0));
            var perSample = Math.Max(1, Math.Min(PositionsPerSample, MostRows / calibration.Count));
            for (var sample = 0; sample < count; sample++)
            {
                if ((start + sample) % step != 0)
                    continue;
                foreach (var position in Draw(random, patches.Positions, perSample))
                {
                    patches.Fill(x.Slice(sample * (x.Length / count), x.Length / count), position, part.AsSpan(filled * inputs, inputs));
                    if (++filled == RowsInPart)
                        Flush();
                }
            }
        }

        Flush();
        for (var i = 0; i < inputs && !node.Is("MatMul"); i++)
            TensorPrimitives.MultiplyAdd(sums, -sums[i] / rows, moments.Row(i), moments.Row(i));
        return moments;

        void Flush()
        {
            if (filled == 0)
                return;
            var x = Matrix.Of(part.AsSpan(0, filled * inputs), filled, inputs);
            for (var row = 0; row < filled; row++)
                TensorPrimitives.Add(sums, x.Row(row), sums);
            moments.Add(MatrixProduct.Gram(x.Transposed()));
            (rows, filled) = (rows + filled, 0);
        }
    }

    /// <summary>Distinct positions.</summary>
    static int[] Draw(Random random, int positions, int count)
    {
        int[] all = [.. Enumerable.Range(0, positions)];
        if (positions > count)
            random.Shuffle(all);
        return all[..Math.Min(count, positions)];
    }
}
