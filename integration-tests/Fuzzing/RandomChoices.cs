namespace Compress.IntegrationTests.Fuzzing;

/// <summary>What every kind of damage chooses from.</summary>
static class RandomChoices
{
    static readonly long[] Extremes =
    [
        0, 1, -1, 2, -2, 3, 7, 127, 128, 255, 256, -128, 65535, 65536, 1 << 20, 1 << 30, int.MaxValue, int.MinValue, 1L << 31, uint.MaxValue, 1L << 32, 1L << 40,
        1L << 62, long.MaxValue, long.MaxValue - 1, long.MinValue, 0x100000001,
    ];

    public static T Of<T>(this Random random, IReadOnlyList<T> among) => among[random.Next(among.Count)];

    public static bool Chance(this Random random, int percent) => random.Next(100) < percent;

    /// <summary>A number at which lengths, products and casts go wrong.</summary>
    public static long Extreme(this Random random) => random.Of(Extremes);
}
