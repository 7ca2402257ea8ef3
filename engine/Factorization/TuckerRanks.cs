namespace Compress.Factorization;

/// <summary>The ranks of a Tucker decomposition on the channel modes.</summary>
/// <param name="Input">R3; null where the input mode stays whole (Tucker-1).</param>
/// <param name="Output">R4; null where the output mode stays whole.</param>
readonly record struct TuckerRanks(int? Input, int? Output)
{
    public override string ToString() => Input is null ? $"rank {Output}" : $"ranks {Input}, {Output}";
}
