namespace Compress.Samples;

/// <summary>Seeded choices, in ascending order.</summary>
static class Choice
{
    public static int[] AnyOf(int count, int take, int seed) => Draw([.. Enumerable.Range(0, count)], take, new Random(seed));

    /// <summary>As many places of each class.</summary>
    public static int[] OfEachClass(byte[] labels, int take, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, labels.Length).GroupBy(place => labels[place]).OrderBy(group => group.Key)
                .SelectMany(group => Draw([.. group], take, random)).Order(),
        ];
    }

    static int[] Draw(int[] places, int take, Random random)
    {
        for (var i = 0; i < take; i++)
        {
            var j = random.Next(i, places.Length);
            (places[i], places[j]) = (places[j], places[i]);
        }

        return [.. places[..take].Order()];
    }
}
