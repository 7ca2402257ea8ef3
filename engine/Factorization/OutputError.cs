using Compress.Execution;
using Compress.Models;
using Compress.Techniques;

namespace Compress.Factorization;

/// <summary>How far tensors of a model move when the model is changed, measured on calibration data.</summary>
static class OutputError
{
    /// <summary>More samples would sharpen the figure little and cost a run of the whole model each.</summary>
    public const int MaxSamples = 64;

    /// <summary>‖before − after‖ / ‖before‖ over all samples for each tensor; null where a value is not finite or before is all zeros.</summary>
    public static IReadOnlyDictionary<string, double?> Measure(
        Model before, Model after, IReadOnlyList<string> tensors, CompressionContext context)
    {
        var data = context.Calibration!;
        var sums = tensors.ToDictionary(name => name, _ => (Difference: 0.0, Original: 0.0));
        using var original = TensorTap.Open(before, tensors, context.Threads);
        using var changed = TensorTap.Open(after, tensors, context.Threads);
        var batch = original.IsBatchFree && data.IsUniform ? context.BatchSize : 1;
        var count = Math.Min(MaxSamples, data.Count);
        for (var start = 0; start < count; start += batch)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var samples = data.Read(start, Math.Min(batch, count - start));
            using var expected = original.Run(samples);
            using var actual = changed.Run(samples);
            foreach (var name in tensors)
            {
                var (difference, norm) = Compare(expected.Floats(name), actual.Floats(name));
                sums[name] = (sums[name].Difference + difference, sums[name].Original + norm);
            }
        }

        return sums.ToDictionary(entry => entry.Key, entry => Relative(entry.Value.Difference, entry.Value.Original));
    }

    static double? Relative(double difference, double original)
    {
        var error = Math.Sqrt(difference / original);
        return double.IsFinite(error) ? error : null;
    }

    static (double Difference, double Norm) Compare(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        double difference = 0, norm = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var delta = (double)expected[i] - actual[i];
            difference += delta * delta;
            norm += (double)expected[i] * expected[i];
        }

        return (difference, norm);
    }
}
