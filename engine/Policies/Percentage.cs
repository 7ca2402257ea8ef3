namespace Compress.Policies;

/// <summary>Shares as a reader wants them.</summary>
static class Percentage
{
    /// <summary>0.3 is <c>30%</c>; at most four decimals are shown.</summary>
    public static string Text(double share) => $"{share * 100:0.####}%";
}
