using Compress.Clustering;
using CsCheck;

namespace Compress.UnitTests.Clustering;

public class ScalarClustersTests
{
    /// <summary>The best clusters of numbers on a line are found by dynamic programming over the sorted ones (Wang and Song 2011).</summary>
    [Fact]
    public void No_clusters_are_better_than_the_best_and_what_is_found_is_a_fixed_point() =>
        Gen.Select(Gen.Float[-2, 2].Array[3, 40], Gen.Int[1, 6], Gen.Bool).Sample((numbers, count, chance) =>
        {
            var clusters = new ScalarClusters([.. numbers]);

            var values = clusters.Find(chance ? clusters.PlusPlus(count, seed: 3) : clusters.Linear(count));

            Assert.InRange(values.Length, 1, count);
            Assert.Equal(values.Order(), values);
            Assert.True(Distortion(numbers, values) >= Best(numbers, count) - 1e-4);
            foreach (var group in numbers.GroupBy(number => values.MinBy(value => Math.Abs((double)value - number))))
                Assert.InRange(group.Average(number => (double)number) - group.Key, -1e-3, 1e-3);
        }, iter: 300);

    [Fact]
    public void Well_parted_numbers_are_found_from_either_start()
    {
        float[] numbers = [-3.01f, -3, -2.99f, 0.5f, 0.51f, 4, 4.02f, 4.04f];

        foreach (var chance in (bool[])[false, true])
        {
            var clusters = new ScalarClusters([.. numbers]);
            var values = clusters.Find(chance ? clusters.PlusPlus(3, seed: 1) : clusters.Linear(3));
            Assert.Equal(Best(numbers, 3), Distortion(numbers, values), 5);
        }
    }

    [Fact]
    public void A_linear_start_covers_the_range_evenly() =>
        Assert.Equal([-1, -0.5, 0, 0.5, 1], new ScalarClusters([0.2f, -1, 1, 0.3f]).Linear(5));

    static double Distortion(float[] numbers, float[] values) => numbers.Sum(number => values.Min(value => ((double)number - value) * ((double)number - value)));

    static double Best(float[] numbers, int count)
    {
        var sorted = numbers.Order().ToArray();
        var best = Enumerable.Range(0, sorted.Length + 1).Select(n => n == 0 ? 0 : double.PositiveInfinity).ToArray();
        for (var k = 0; k < count; k++)
        {
            best = [.. Enumerable.Range(0, sorted.Length + 1).Select(end => Enumerable.Range(0, end + 1).Min(start => best[start] + Spread(sorted[start..end])))];
        }

        return best[^1];
    }

    static double Spread(float[] part) => part.Length == 0 ? 0 : part.Sum(number => Math.Pow(number - part.Average(other => (double)other), 2));
}
