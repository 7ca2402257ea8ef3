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
        using var session = computed.Length > 0 ? TensorTap.Open(model, computed, context.Threads) : null;
        var batchSize = session is null ? 1 : context.BatchFor(session, model, computed);
        for (var start = 0; start < data.Count; start += batchSize)
        {
            context.Report(step, (double)start / data.Count);
            var batch = data.Read(start, Math.Min(batchSize, data.Count - start));
            foreach (var input in inputs)
            {
                if (batch.GetValueOrDefault(input) is DataTensor { Values: float[] values })
                    observers[input].Observe(values);
            }

            using var result = session?.Run(batch, context.Cancellation);
            if (result is not null)
                ObserveAll(result, computed, observers);
        }

        foreach (var (tensor, observer) in observers)
        {
            if (!float.IsFinite(observer.Range.Low) || !float.IsFinite(observer.Range.High))
                throw Codes.NumericTrouble.Fail(model.Path, $"tensor '{tensor}' takes values that are not finite on the calibration data; check the data's scale, mean and std");
        }
    }

    /// <summary>Observers are independent of one another, so that ranges do not depend on how they are spread over threads.</summary>
    static void ObserveAll(RunResult result, string[] tensors, IReadOnlyDictionary<string, IRangeObserver> observers) =>
        Parallel.ForEach(tensors.GroupBy(tensor => observers[tensor], ReferenceEqualityComparer.Instance), group =>
        {
            foreach (var tensor in group)
                observers[tensor].Observe(result.Floats(tensor));
        });
}
