namespace Compress.Pruning.Dependencies;

/// <summary>How the axes of a tensor become those of another with the same numbers in the same order.</summary>
static class AxisRuns
{
    /// <summary>
    /// Cuts both lists of sizes into the shortest runs with equal products: within a run, axes are merged, split, or stay.
    /// Null where the sizes do not hold as many numbers, or none.
    /// </summary>
    public static List<(Range From, Range To)>? Of(int[] from, int[] to)
    {
        var runs = new List<(Range, Range)>();
        var (i, j) = (0, 0);
        while (i < from.Length || j < to.Length)
        {
            var (firstFrom, firstTo) = (i, j);
            if (i == from.Length || j == to.Length)
            {
                (i, j) = (from.Length, to.Length);
                if (from[firstFrom..].Concat(to[firstTo..]).Any(size => size != 1))
                    return null;
            }
            else
            {
                long one = from[i++], other = to[j++];
                while (one != other)
                {
                    if (one < other ? i == from.Length : j == to.Length)
                        return null;
                    if (one < other)
                        one *= from[i++];
                    else
                        other *= to[j++];
                }

                if (one == 0)
                    return null;
            }

            runs.Add((firstFrom..i, firstTo..j));
        }

        return runs;
    }
}
