using static Compress.Onnx.TensorProto.Types;

namespace Compress.Data;

/// <summary>An input that a model wants.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The element type.</param>
/// <param name="Dimensions">The sizes; null entries are free.</param>
/// <param name="Symbols">A name for each free size, empty where it has none.</param>
public sealed record ModelInput(string Name, DataType Type, int?[] Dimensions, string[] Symbols)
{
    /// <summary>Whether the first size is free, so that samples can be run in batches.</summary>
    public bool IsBatchFree => Dimensions is [null, ..];

    public override string ToString() =>
        $"'{Name}' {Type.ToString().ToLowerInvariant()}[{string.Join(",", Dimensions.Select((size, i) => size?.ToString() ?? (Symbols[i].Length > 0 ? Symbols[i] : "?")))}]";
}
