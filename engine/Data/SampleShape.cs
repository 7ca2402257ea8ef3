namespace Compress.Data;

/// <summary>How samples from a file take the shape that a model's input wants, without moving a number.</summary>
static class SampleShape
{
    /// <summary>
    /// The sizes of one sample as the input wants them, or null where they do not fit. In this order: as they are; with a
    /// channel axis of size 1 put in first or last; with a leading axis of size 1 left out; flattened, for inputs of two axes.
    /// </summary>
    /// <param name="sample">The sizes of one sample in the file, without the sample axis.</param>
    /// <param name="dimensions">The input's sizes, the batch first; null entries are free. None at all means that they are not known.</param>
    public static int[]? Fit(int[] sample, int?[] dimensions)
    {
        if (dimensions.Length == 0)
            return sample;
        var wanted = dimensions[1..];
        foreach (var candidate in Candidates(sample))
        {
            if (candidate.Length == wanted.Length && candidate.Zip(wanted).All(pair => pair.Second is null || pair.Second == pair.First))
                return candidate;
        }

        return wanted is [int flat] && flat == sample.Aggregate(1L, (product, size) => product * size) ? [flat] : null;
    }

    /// <summary>
    /// Whether what a file holds for each sample is all that an input takes, and not one entry along its first axis: a scalar, or an input
    /// whose first size is fixed and means something else than the batch, as in the state [layers, batch, width] of a recurrent network.
    /// Such a model is run sample by sample.
    /// </summary>
    /// <param name="sample">The sizes of one sample in the file, without the sample axis.</param>
    /// <param name="dimensions">The input's sizes; null entries are free.</param>
    public static bool IsWhole(int[] sample, int?[] dimensions) => !StartsWithBatch(dimensions)
        && sample.Length == dimensions.Length && sample.Zip(dimensions).All(pair => pair.Second is null || pair.Second == pair.First);

    /// <summary>Whether an input's first axis is, or may be, that of the samples in a batch.</summary>
    public static bool StartsWithBatch(int?[] dimensions) => dimensions is [null or 1, ..];

    static IEnumerable<int[]> Candidates(int[] sample)
    {
        yield return sample;
        yield return [1, .. sample];
        yield return [.. sample, 1];
        if (sample is [1, .. var rest])
            yield return rest;
    }
}
