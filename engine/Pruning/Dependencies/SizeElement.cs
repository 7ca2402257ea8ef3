namespace Compress.Pruning.Dependencies;

/// <summary>One number of a computed or written shape, as far as it is known where it comes from.</summary>
/// <param name="Value">The number, where it is written in the model.</param>
/// <param name="Place">Where it is written.</param>
/// <param name="Units">Along an axis with these units it was measured, so that it follows them by itself.</param>
/// <param name="IsMeasured">Whether it is the size of a tensor's axis, tracked or not.</param>
sealed record SizeElement(long? Value, Place? Place, int[]? Units, bool IsMeasured)
{
    public static SizeElement Unknown { get; } = new(null, null, null, false);

    public static SizeElement Written(long value, Place place) => new(value, place, null, false);

    public static SizeElement Measured(int[]? units) => new(null, null, units, true);
}
