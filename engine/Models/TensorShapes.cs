namespace Compress.Models;

/// <summary>Measured sizes of tensors by name, for a batch of one sample.</summary>
public sealed class TensorShapes(IReadOnlyDictionary<string, int[]> shapes)
{
    public static TensorShapes None { get; } = new(new Dictionary<string, int[]>());

    /// <summary>The sizes, or null where they are not known.</summary>
    public int[]? Of(string tensor) => shapes.GetValueOrDefault(tensor);
}
