namespace Compress.Clustering;

/// <summary>
/// k-means of numbers on a line (Lloyd 1982): each goes to the nearest value, each value becomes the mean of its numbers, until nothing
/// moves. As numbers are sorted once and their sums kept, a round costs a search for each border and no pass over the numbers.
/// </summary>
sealed class ScalarClusters
{
    const int MaxRounds = 300;

    readonly float[] sorted;

    /// <summary>Σ over the first numbers: of them, and of their squares.</summary>
    readonly double[] sums;

    /// <param name="values">The numbers, in any order; none of them zero where zero is a value of its own.</param>
    public ScalarClusters(float[] values)
    {
        sorted = values;
        Array.Sort(sorted);
        sums = new double[sorted.Length + 1];
        for (var i = 0; i < sorted.Length; i++)
            sums[i + 1] = sums[i] + sorted[i];
    }

    /// <summary>Values at even distances over the numbers' range (Han, Mao and Dally, Deep Compression, ICLR 2016, 3.2).</summary>
    public double[] Linear(int count)
    {
        var (low, high) = (sorted[0], sorted[^1]);
        return [.. Enumerable.Range(0, count).Select(i => count == 1 ? ((double)low + high) / 2 : low + (((double)high - low) * i / (count - 1)))];
    }

    /// <summary>Values drawn from the numbers, with a chance in proportion to the squared distance to those drawn before (Arthur and Vassilvitskii 2007).</summary>
    public double[] PlusPlus(int count, int seed)
    {
        var random = new Random(seed);
        var found = new List<double> { sorted[random.Next(sorted.Length)] };
        var distances = new double[sorted.Length];
        Array.Fill(distances, double.PositiveInfinity);
        while (found.Count < count)
        {
            var total = 0.0;
            for (var i = 0; i < sorted.Length; i++)
            {
                var distance = sorted[i] - found[^1];
                total += distances[i] = Math.Min(distances[i], distance * distance);
            }

            var drawn = random.NextDouble() * total;
            var next = 0;
            while (next < sorted.Length - 1 && (drawn -= distances[next]) > 0)
                next++;
            found.Add(sorted[next]);
        }

        found.Sort();
        return [.. found];
    }

    /// <summary>The values, ascending; fewer than were started from where some attract no number.</summary>
    public float[] Find(double[] start)
    {
        var values = start.Distinct().Order().ToList();
        var borders = new int[values.Count + 1];
        for (var round = 0; round < MaxRounds; round++)
        {
            var next = Borders(values);
            var moved = new List<double>();
            for (var i = 0; i < values.Count; i++)
            {
                if (next[i + 1] > next[i])
                    moved.Add((sums[next[i + 1]] - sums[next[i]]) / (next[i + 1] - next[i]));
            }

            var settled = moved.Count == values.Count && next.AsSpan().SequenceEqual(borders);
            (values, borders) = (moved, next);
            if (settled)
                break;
        }

        return [.. values.Select(value => (float)value).Distinct()];
    }

    /// <summary>Where the numbers of each value start; at the end, how many there are.</summary>
    int[] Borders(List<double> values)
    {
        var borders = new int[values.Count + 1];
        borders[^1] = sorted.Length;
        for (var i = 1; i < values.Count; i++)
            borders[i] = FirstAbove((values[i - 1] + values[i]) / 2);
        return borders;
    }

    int FirstAbove(double border)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] > border)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
