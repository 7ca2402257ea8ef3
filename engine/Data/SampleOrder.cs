namespace Compress.Data;

/// <summary>Which samples of a file are used, and in which order: some are skipped, the rest shuffled, and the first of these taken.</summary>
sealed class SampleOrder
{
    readonly int skip;
    readonly int[]? shuffled;

    /// <param name="samples">The samples in the file.</param>
    /// <param name="skip">How many are left out at the start; less than <paramref name="samples"/>.</param>
    /// <param name="take">How many are used at most; null for all.</param>
    /// <param name="shuffleSeed">The seed of the shuffle; null keeps the file's order.</param>
    public SampleOrder(int samples, int skip, int? take, int? shuffleSeed)
    {
        this.skip = skip;
        Count = Math.Min(samples - skip, take ?? int.MaxValue);
        if (shuffleSeed is { } seed)
            shuffled = Shuffle(skip, samples - skip, Count, new Random(seed));
    }

    public int Count { get; }

    /// <summary>The place in the file of the i-th sample used.</summary>
    public int this[int i] => shuffled is null ? skip + i : shuffled[i];

    /// <summary>Fisher and Yates' shuffle, stopped when enough are drawn.</summary>
    static int[] Shuffle(int first, int length, int take, Random random)
    {
        var indices = new int[length];
        for (var i = 0; i < length; i++)
            indices[i] = first + i;
        for (var i = 0; i < take; i++)
        {
            var j = random.Next(i, length);
            (indices[i], indices[j]) = (indices[j], indices[i]);
        }

        return indices[..take];
    }
}
