using Compress.Data;
using Compress.Diagnostics;
using Compress.Execution;
using Compress.Models;
using Compress.Techniques;

namespace Compress.Quantization;

/// <summary>Measures the ranges of tensors on calibration data, batch by batch.</summary>
static class RangeCalibration
{
    /// <param name="model">The float model.</param>
    /// <param name="observers">The tensors to watch; several may share an observer.</param>
    /// <param name="context">Names the data.</param>
    /// <param name="step">The step's name for progress.</param>
    /// <exception cref="CompressException">CMP4004: a value is not finite.</exception>
    public static void Run(Model model, IReadOnlyDictionary<string, IRangeObserver> observers, CompressionContext context, string step)
    {
        var data = context.Calibration!;
        var inputs = observers.Keys.Where(model.Graph.IsInput).ToArray();
        var computed = observers.Keys.Except(inputs).ToArray();
        var loop = new BatchLoop(context.Threads);
        using var session = computed.Length > 0 ? TensorTap.Open(model, computed, loop.ThreadsWithin) : null;
        var batches = SampleBatches.All(data.Count, session is null ? 1 : context.BatchFor(session, model, computed));
        loop.Run(data, batches, (_, batch) =>
        {
            foreach (var input in inputs)
            {
                if (batch.GetValueOrDefault(input) is DataTensor { Values: float[] values })
                    Observe(observers[input], values);
            }

            using var result = session?.Run(batch, context.Cancellation);
            foreach (var tensor in result is null ? [] : computed)
                Observe(observers[tensor], result!.Floats(tensor));
        }, share => context.Report(step, share), context.Cancellation);

        foreach (var (tensor, observer) in observers)
        {
            if (!float.IsFinite(observer.Range.Low) || !float.IsFinite(observer.Range.High))
                throw Codes.NumericTrouble.Fail(model.Path, $"tensor '{tensor}' takes values that are not finite on the calibration data; check the data's scale, mean and std");
        }
    }

    /// <summary>What an observer finds does not depend on the order in which it sees values.</summary>
    static void Observe(IRangeObserver observer, ReadOnlySpan<float> values)
    {
        lock (observer)
            observer.Observe(values);
    }
}
