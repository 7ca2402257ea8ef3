namespace Compress.Policies;

/// <summary>Finds what a user may have meant.</summary>
static class Spelling
{
    /// <summary>Words longer than this are compared by their first characters.</summary>
    const int Considered = 100;

    /// <summary>The phrase <c> (did you mean 'x'?)</c>, or an empty text where nothing is close.</summary>
    public static string DidYouMean(string word, IEnumerable<string> candidates) =>
        Closest(word, candidates) is { } closest ? $" (did you mean '{closest}'?)" : "";

    /// <summary>The candidate that is a typing mistake or two away; null where there is none.</summary>
    public static string? Closest(string word, IEnumerable<string> candidates)
    {
        var limit = Math.Max(1, Math.Min(word.Length, Considered) / 3);
        var close = candidates.Where(candidate => Math.Abs(candidate.Length - word.Length) <= limit);
        return Nearest(word, close, 1).FirstOrDefault(candidate => Distance(word, candidate) <= limit);
    }

    /// <summary>The candidates, the most similar ones first.</summary>
    public static IEnumerable<string> Nearest(string word, IEnumerable<string> candidates, int count) =>
        candidates.Distinct().OrderBy(candidate => Distance(word, candidate)).Take(count);

    /// <summary>
    /// The least number of letters to insert, delete, replace or swap with their neighbour (Levenshtein, Damerau); case does
    /// not count.
    /// </summary>
    public static int Distance(string left, string right)
    {
        var a = left.AsSpan(0, Math.Min(left.Length, Considered));
        var b = right.AsSpan(0, Math.Min(right.Length, Considered));
        int[] beforeLast = [], last = [.. Enumerable.Range(0, b.Length + 1)];
        for (var i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + (Same(a[i - 1], b[j - 1]) ? 0 : 1));
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }

            (beforeLast, last) = (last, row);
        }

        return last[b.Length];
    }

    static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
