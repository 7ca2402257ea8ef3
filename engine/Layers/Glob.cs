namespace Compress.Layers;

/// <summary>
/// A pattern over names: <c>*</c> stands for any run of characters (a slash too, so that <c>/layer2/*/Conv</c> reaches
/// every depth) and <c>?</c> for one. Everything else stands for itself; case counts.
/// </summary>
public sealed class Glob(string pattern)
{
    public string Pattern { get; } = pattern;

    /// <summary>Whether the pattern names one thing alone.</summary>
    public bool IsLiteral => !Pattern.AsSpan().ContainsAny('*', '?');

    /// <summary>Takes time of at most the pattern's length times the name's, however hostile the two are.</summary>
    public bool Matches(string name)
    {
        var (p, n) = (0, 0);
        var (lastStar, resume) = (-1, 0);
        while (n < name.Length)
        {
            if (p < Pattern.Length && Pattern[p] == '*')
            {
                (lastStar, resume) = (p++, n);
            }
            else if (p < Pattern.Length && (Pattern[p] == '?' || Pattern[p] == name[n]))
            {
                p++;
                n++;
            }
            else if (lastStar >= 0)
            {
                // Only the last star needs to take more: what earlier ones took is never too little.
                (p, n) = (lastStar + 1, ++resume);
            }
            else
            {
                return false;
            }
        }

        return Pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }

    public override string ToString() => Pattern;
}
