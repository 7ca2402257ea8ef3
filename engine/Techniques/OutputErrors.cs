using Compress.Execution;
using Compress.Models;

namespace Compress.Techniques;

/// <summary>Measures what a step does to the outputs of layers.</summary>
public static class OutputErrors
{
    /// <summary>More would sharpen the figure little and cost a run of the whole model each.</summary>
    const int MostSamples = 64;

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
        using var reference = TensorTap.Open(before, tensors.Values.Select(pair => pair.Before), context.Threads);
        using var candidate = TensorTap.Open(after, tensors.Values.Select(pair => pair.After), context.Threads);
        var sums = tensors.Keys.ToDictionary(key => key, _ => default(SquaredError));
        var count = Math.Min(MostSamples, data.Count);
        var batchSize = context.BatchFor(reference, after, tensors.Values.Select(pair => pair.After));
        for (var start = 0; start < count; start += batchSize)
        {
            context.Report(step, (double)start / count);
            var batch = data.Read(start, Math.Min(batchSize, count - start));
            using var expected = reference.Run(batch, context.Cancellation);
            using var actual = candidate.Run(batch, context.Cancellation);
            foreach (var (key, (one, other)) in tensors)
                sums[key] += SquaredError.Of(expected.Floats(one), actual.Floats(other));
        }

        return sums.Where(entry => double.IsFinite(entry.Value.Relative)).ToDictionary(entry => entry.Key, entry => entry.Value.Relative);
    }
}
