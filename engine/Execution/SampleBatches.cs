namespace Compress.Execution;

/// <summary>Which samples of a data set are run, batch by batch.</summary>
public static class SampleBatches
{
    /// <summary>All samples, in batches of neighbours.</summary>
    /// <param name="samples">The number of samples.</param>
    /// <param name="size">The most samples in a batch.</param>
    public static IReadOnlyList<(int Start, int Count)> All(int samples, int size) =>
        [.. Enumerable.Range(0, (samples + size - 1) / size).Select(i => (i * size, Math.Min(size, samples - (i * size))))];

    /// <summary>Batches of neighbouring samples; where not all samples are run, the batches are spread evenly over the set.</summary>
    /// <param name="samples">The number of samples in the set.</param>
    /// <param name="most">The most samples to run.</param>
    /// <param name="size">The most samples in a batch.</param>
    public static IReadOnlyList<(int Start, int Count)> Spread(int samples, int most, int size)
    {
        var all = (samples + size - 1) / size;
        var used = Math.Min(all, Math.Max(1, most / size));
        return [.. Enumerable.Range(0, used).Select(i => (int)((long)i * all / used) * size).Select(start => (start, Math.Min(size, samples - start)))];
    }
}
