namespace Compress.Data;

/// <summary>
/// The sizes that free dimensions take: one name stands for one size, in whatever inputs it occurs. The batch is none of them, since it changes
/// from run to run; where an input has it on another axis than the first, samples are run one by one, and it is 1.
/// </summary>
sealed class SymbolicSizes
{
    readonly Dictionary<string, (int Size, string Input, int Axis)> known = [];

    /// <param name="inputs">The model's inputs, which name the batch.</param>
    public SymbolicSizes(IReadOnlyList<ModelInput> inputs)
    {
        var takesBatches = inputs.All(input => SampleShape.StartsWithBatch(input.Dimensions));
        foreach (var input in inputs.Where(input => !takesBatches && input.Dimensions is [null, ..] && input.Symbols[0].Length > 0))
            known.TryAdd(input.Symbols[0], (1, input.Name, 0));
    }

    /// <summary>The size that a name stands for; null where it is not known.</summary>
    public int? Of(string symbol) => known.TryGetValue(symbol, out var found) ? found.Size : null;

    /// <summary>Takes the sizes that an input is given.</summary>
    /// <param name="input">The input.</param>
    /// <param name="shape">Its sizes, the batch first.</param>
    /// <returns>What contradicts sizes taken before; null where nothing does.</returns>
    public string? Learn(ModelInput input, IReadOnlyList<int> shape)
    {
        for (var axis = 1; axis < input.Dimensions.Length; axis++)
        {
            var symbol = input.Symbols[axis];
            if (input.Dimensions[axis] is not null || symbol.Length == 0 || symbol == input.Symbols[0])
                continue;
            if (!known.TryAdd(symbol, (shape[axis], input.Name, axis)) && known[symbol] is var other && other.Size != shape[axis])
            {
                return $"the size '{symbol}' is {other.Size} in '{other.Input}' (axis {other.Axis}) and {shape[axis]} in '{input.Name}' (axis {axis}),"
                    + " and the model wants them to be the same";
            }
        }

        return null;
    }
}
