namespace Compress.Numerics;

/// <summary>A view of float32 numbers as a dense matrix, rows one after the other.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Columns">Numbers in a row.</param>
/// <param name="Values">Rows · Columns numbers.</param>
readonly record struct FloatMatrix(int Rows, int Columns, Memory<float> Values)
{
    public FloatMatrix(int rows, int columns)
        : this(rows, columns, new float[checked(rows * columns)])
    {
    }

    public Span<float> Row(int row) => Values.Span.Slice(row * Columns, Columns);

    /// <summary>Some of the rows, as a view of the same numbers.</summary>
    public FloatMatrix Slice(int start, int count) => new(count, Columns, Values.Slice(start * Columns, count * Columns));

    /// <summary>Makes a square matrix symmetric by what stands below its diagonal.</summary>
    public void MirrorLower()
    {
        var values = Values.Span;
        for (var i = 0; i < Rows; i++)
        {
            for (var j = i + 1; j < Columns; j++)
                values[(i * Columns) + j] = values[(j * Columns) + i];
        }
    }

    /// <summary>Makes a square matrix symmetric by what stands above its diagonal.</summary>
    public void MirrorUpper()
    {
        var values = Values.Span;
        for (var i = 0; i < Rows; i++)
        {
            for (var j = 0; j < i; j++)
                values[(i * Columns) + j] = values[(j * Columns) + i];
        }
    }

    public FloatMatrix Transposed() => Transposed(new float[Values.Length]);

    /// <summary>The transpose, written into a part of a buffer that has room for it.</summary>
    public FloatMatrix Transposed(float[] buffer)
    {
        const int Tile = 16;
        var from = Values.Span;
        for (var top = 0; top < Rows; top += Tile)
        {
            for (var left = 0; left < Columns; left += Tile)
            {
                for (var i = top; i < Math.Min(top + Tile, Rows); i++)
                {
                    for (var j = left; j < Math.Min(left + Tile, Columns); j++)
                        buffer[(j * Rows) + i] = from[(i * Columns) + j];
                }
            }
        }

        return new FloatMatrix(Columns, Rows, buffer.AsMemory(0, Values.Length));
    }
}
