using Compress.Execution;
using Compress.Models;

namespace Compress.Techniques;

/// <summary>Measures what a step does to the outputs of layers.</summary>
public static class OutputErrors
{
    /// <summary>More would sharpen the figure little and cost a run of the whole model each.</summary>
    const int MostSamples = 16;

    /// <summary>
    /// The relative error ‖before − after‖ / ‖before‖ of tensors over calibration samples, by the key they are given; a tensor
    /// that is all zeros, or not finite, has none.
    /// </summary>
    /// <param name="before">The model before the step.</param>
    /// <param name="after">The model after it.</param>
    /// <param name="tensors">For each key, the tensor's name in either model; both must have the same sizes.</param>
    /// <param name="context">Names the data; without calibration data nothing is measured.</param>
    /// <param name="step">The step's name for progress.</param>
    public static IReadOnlyDictionary<T, double> Measure<T>(
        Model before, Model after, IReadOnlyDictionary<T, (string Before, string After)> tensors, CompressionContext context, string step)
        where T : notnull
    {
        if (context.Calibration is not { } data || tensors.Count == 0)
            return new Dictionary<T, double>();
        var loop = new BatchLoop(context.Threads);
        using var reference = TensorTap.Open(before, tensors.Values.Select(pair => pair.Before), loop.ThreadsWithin);
        using var candidate = TensorTap.Open(after, tensors.Values.Select(pair => pair.After), loop.ThreadsWithin, optimize: true);
        var batches = SampleBatches.All(Math.Min(MostSamples, data.Count), context.BatchFor(reference, after, tensors.Values.Select(pair => pair.After)));
        var errors = new Dictionary<T, SquaredError>[batches.Count];
        loop.Run(data, batches, (i, batch) =>
        {
            using var expected = reference.Run(batch, context.Cancellation);
            using var actual = candidate.Run(batch, context.Cancellation);
            errors[i] = tensors.ToDictionary(entry => entry.Key, entry => SquaredError.Of(expected.Floats(entry.Value.Before), actual.Floats(entry.Value.After)));
        }, share => context.Report(step, share), context.Cancellation);
        var sums = tensors.Keys.ToDictionary(key => key, key => errors.Aggregate(default(SquaredError), (sum, batch) => sum + batch[key]));
        return sums.Where(entry => double.IsFinite(entry.Value.Relative)).ToDictionary(entry => entry.Key, entry => entry.Value.Relative);
    }
}
