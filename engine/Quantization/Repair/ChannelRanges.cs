using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Techniques;

namespace Compress.Quantization.Repair;

/// <summary>Measures the greatest magnitude of each channel of tensors on calibration data.</summary>
static class ChannelRanges
{
    /// <param name="model">The float model.</param>
    /// <param name="tensors">Tensors with channels along their second axis.</param>
    /// <param name="context">Names the data.</param>
    /// <param name="step">The step's name for progress.</param>
    public static IReadOnlyDictionary<string, double[]> Measure(Model model, IReadOnlyCollection<string> tensors, CompressionContext context, string step)
    {
        var ranges = tensors.Distinct().ToDictionary(tensor => tensor, _ => Array.Empty<double>());
        var loop = new BatchLoop(context.Threads);
        using var session = TensorTap.Open(model, ranges.Keys, loop.ThreadsWithin);
        var batches = SampleBatches.All(context.Calibration!.Count, context.BatchFor(session, model, ranges.Keys));
        loop.Run(context.Calibration, batches, (_, batch) =>
        {
            using var result = session.Run(batch, context.Cancellation);
            foreach (var tensor in tensors)
            {
                var seen = Greatest(result.Floats(tensor), result.Shape(tensor)!);
                lock (ranges)
                    ranges[tensor] = ranges[tensor].Length == 0 ? seen : [.. ranges[tensor].Zip(seen, Math.Max)];
            }
        }, share => context.Report(step, share), context.Cancellation);
        return ranges;
    }

    static double[] Greatest(ReadOnlySpan<float> values, int[] shape)
    {
        var greatest = new double[shape[1]];
        var inner = Cost.Count(shape.AsSpan(2));
        for (var start = 0; start < values.Length; start += inner)
        {
            ref var channel = ref greatest[start / inner % shape[1]];
            channel = Math.Max(channel, Math.Abs((double)System.Numerics.Tensors.TensorPrimitives.MaxMagnitude(values.Slice(start, inner))));
        }

        return greatest;
    }
}
