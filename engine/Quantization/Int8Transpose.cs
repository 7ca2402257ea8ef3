namespace Compress.Quantization;

/// <summary>Swaps the axes of a matrix of int8.</summary>
static class Int8Transpose
{
    /// <summary>A tile of either side stays in the first-level cache.</summary>
    const int Tile = 64;

    /// <param name="values">Row after row.</param>
    /// <param name="rows">The rows that become columns.</param>
    /// <param name="columns">The columns that become rows.</param>
    public static sbyte[] Of(ReadOnlySpan<sbyte> values, int rows, int columns)
    {
        var transposed = new sbyte[values.Length];
        for (var top = 0; top < rows; top += Tile)
        {
            for (var left = 0; left < columns; left += Tile)
            {
                for (var row = top; row < Math.Min(rows, top + Tile); row++)
                {
                    for (var column = left; column < Math.Min(columns, left + Tile); column++)
                        transposed[(column * rows) + row] = values[(row * columns) + column];
                }
            }
        }

        return transposed;
    }
}
