using Compress.Execution;

namespace Compress.Evaluation;

/// <summary>Whether two models' outputs can be compared number by number.</summary>
static class OutputMatch
{
    /// <summary>What stands in the way of comparing an output that is float32 in the original; null where nothing does.</summary>
    public static string? Mismatch(string output, RunResult before, RunResult after)
    {
        if (!after.Names.Contains(output))
            return $"the compressed model has no output '{output}'";
        if (!after.IsFloat(output))
            return $"output '{output}' is float32 in the original alone";
        int[] wanted = before.Shape(output)!, given = after.Shape(output)!;
        return wanted.AsSpan().SequenceEqual(given)
            ? null
            : $"output '{output}' is [{string.Join(",", wanted)}] in the original and [{string.Join(",", given)}] in the compressed model";
    }

    /// <summary>Whether every float output has one entry for each of the batch's samples along its first axis.</summary>
    public static bool IsPerSample(RunResult result, int count) =>
        result.Names.Where(result.IsFloat).All(name => result.Shape(name) is [var first, ..] && first == count);
}
