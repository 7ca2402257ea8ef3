using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Techniques;

namespace Compress.Pruning;

/// <summary>
/// Scores channels by how often they are not zero: 1 − APoZ, the average percentage of zeros behind the activation (Hu et al., Network
/// Trimming, 2016).
/// </summary>
/// <param name="model">The model.</param>
/// <param name="dependencies">Its groups.</param>
/// <param name="context">Names the data, of which there must be some.</param>
sealed class ZeroShares(Model model, DependencyGraph dependencies, CompressionContext context)
{
    /// <summary>More would sharpen shares little.</summary>
    const int MostSamples = 1024;

    readonly Dictionary<string, double[]?> measured = [];

    /// <summary>The share of numbers that are not zero, for each channel.</summary>
    /// <param name="group">The group.</param>
    /// <param name="layer">One of the layers that make it.</param>
    /// <returns>Null where no activation that gives zeros follows the layer.</returns>
    public double[]? Of(ChannelGroup group, Node layer)
    {
        if (ActivationBehind(layer) is not { } tensor || Axis(group, tensor) is not var (axis, classes))
            return null;
        if (!measured.TryGetValue(tensor, out var zeros))
            measured.Add(tensor, zeros = Measure(tensor, axis, classes.Length));
        if (zeros is null)
            return null;
        var byClass = classes.Zip(zeros).ToLookup(entry => entry.First, entry => entry.Second);
        return Array.ConvertAll(group.Classes, each => 1 - byClass[each].DefaultIfEmpty(1).Average());
    }

    /// <summary>The output of the first activation on the way from a layer, through normalization and additions.</summary>
    string? ActivationBehind(Node layer)
    {
        var (reached, seen) = (new Queue<string>([layer.Output()]), new HashSet<string>());
        while (reached.TryDequeue(out var tensor))
        {
            foreach (var node in model.Graph.Consumers(tensor))
            {
                if (node.Is("Relu", "Clip", "ThresholdedRelu", "HardSigmoid", "HardSwish"))
                    return node.Output();
                if (node.Is("BatchNormalization", "Add", "Sub", "Sum", "Identity", "Dropout") && seen.Add(node.Output()))
                    reached.Enqueue(node.Output());
            }
        }

        return null;
    }

    (int Axis, int[] Classes)? Axis(ChannelGroup group, string tensor)
    {
        foreach (var (axis, classes) in (dependencies.ClassesOf(tensor) ?? []).Index())
        {
            if (classes is not null && group.Classes.All(classes.Contains))
                return (axis, classes);
        }

        return null;
    }

    /// <summary>The share of zeros for each index along an axis; null where the tensor's sizes differ from those that were traced.</summary>
    double[]? Measure(string tensor, int axis, int size)
    {
        var zeros = new long[size];
        var numbers = 0L;
        using var tap = TensorTap.Open(model, [tensor], context.Threads);
        var count = Math.Min(MostSamples, context.Calibration!.Count);
        var batchSize = context.BatchFor(tap, model, [tensor]);
        for (var start = 0; start < count; start += batchSize)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using var result = tap.Run(context.Calibration.Read(start, Math.Min(batchSize, count - start)), context.Cancellation);
            var values = result.Floats(tensor);
            var shape = result.Shape(tensor)!;
            if (shape.Length <= axis || shape[axis] != size)
                return null;
            var inner = Cost.Count(shape.AsSpan(axis + 1));
            for (var run = 0; run < values.Length / inner; run++)
                zeros[run % size] += values.Slice(run * inner, inner).Count(0f);
            numbers += values.Length / size;
        }

        return Array.ConvertAll(zeros, found => (double)found / numbers);
    }
}
