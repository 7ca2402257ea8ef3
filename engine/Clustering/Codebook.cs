using Compress.Models;
using Compress.Policies;

namespace Compress.Clustering;

/// <summary>A weight as a few values and an index for each weight.</summary>
/// <param name="Values">The values, those of one group after those of another.</param>
/// <param name="Indices">For each weight the place of its value.</param>
/// <param name="RelativeError">‖W − Ŵ‖ / ‖W‖; 0 for a weight of zeros.</param>
sealed record Codebook(float[] Values, byte[] Indices, double RelativeError)
{
    /// <summary>Finds the values that a weight's numbers share. Zeros stay zeros, which pruned weights are.</summary>
    /// <param name="weight">float32.</param>
    /// <param name="axis">The axis of output channels, which groups divide.</param>
    /// <param name="settings">How many values, and from where.</param>
    /// <param name="seed">Of starts by chance.</param>
    public static Codebook Of(Tensor weight, int axis, ClusterSettings settings, int seed)
    {
        var given = weight.Floats();
        var indices = new byte[given.Length];
        var values = new List<float>();
        double difference = 0, square = 0;
        var inner = Layers.Cost.Count(weight.Shape.AsSpan(axis + 1));
        var channels = weight.Shape[axis];
        for (var group = 0; group < settings.Groups; group++)
        {
            var (from, to) = (channels * group / settings.Groups, channels * (group + 1) / settings.Groups);
            var positions = Positions(given.Length, channels, inner, from, to);
            var nonZeros = new List<float>(positions.Count);
            foreach (var position in positions)
            {
                if (given[position] != 0)
                    nonZeros.Add(given[position]);
            }

            var hasZero = nonZeros.Count < positions.Count;
            var found = Find([.. nonZeros], hasZero ? settings.Centroids - 1 : settings.Centroids, settings.Init, seed);
            float[] all = hasZero ? [.. found.Append(0).Order()] : found;
            foreach (var position in positions)
            {
                var nearest = given[position] == 0 ? Array.IndexOf(all, 0) : Nearest(all, given[position], hasZero);
                indices[position] = (byte)(values.Count + nearest);
                var d = (double)given[position] - all[nearest];
                difference += d * d;
                square += (double)given[position] * given[position];
            }

            values.AddRange(all);
        }

        return new Codebook([.. values], indices, square > 0 ? Math.Sqrt(difference / square) : 0);
    }

    static float[] Find(float[] numbers, int count, ClusterStart start, int seed)
    {
        if (numbers.Length == 0)
            return [];
        var clusters = new ScalarClusters(numbers);
        return clusters.Find(start == ClusterStart.PlusPlus ? clusters.PlusPlus(count, seed) : clusters.Linear(count));
    }

    static List<int> Positions(int length, int channels, int inner, int from, int to)
    {
        var positions = new List<int>();
        for (var start = 0; start < length; start += channels * inner)
        {
            for (var i = start + (from * inner); i < start + (to * inner); i++)
                positions.Add(i);
        }

        return positions;
    }

    /// <summary>The nearest value; what pruning kept does not become zero.</summary>
    static int Nearest(float[] values, float number, bool hasZero)
    {
        var at = Array.BinarySearch(values, number);
        if (at >= 0)
            return at;
        var (above, below) = (~at, ~at - 1);
        if (hasZero && values.Length > 1)
        {
            if (below >= 0 && values[below] == 0)
                below--;
            if (above < values.Length && values[above] == 0)
                above++;
        }

        return below < 0 ? above : above >= values.Length || number - values[below] <= values[above] - number ? below : above;
    }
}
