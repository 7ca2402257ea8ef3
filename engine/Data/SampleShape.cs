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

    static IEnumerable<int[]> Candidates(int[] sample)
    {
        yield return sample;
        yield return [1, .. sample];
        yield return [.. sample, 1];
        if (sample is [1, .. var rest])
            yield return rest;
    }
}
