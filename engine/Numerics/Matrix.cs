using System.Numerics.Tensors;

namespace Compress.Numerics;

/// <summary>A dense matrix in double precision, rows one after the other. Factorizations start and end in float32 but compute here.</summary>
sealed class Matrix
{
    public Matrix(int rows, int columns)
        : this(rows, columns, new double[checked(rows * columns)])
    {
    }

    /// <exception cref="ArgumentException">The number of values is not rows · columns.</exception>
    public Matrix(int rows, int columns, double[] values)
    {
        if (values.Length != (long)rows * columns)
            throw new ArgumentException($"{values.Length} values do not fill {rows}x{columns}", nameof(values));
        Rows = rows;
        Columns = columns;
        Values = values;
    }

    public int Rows { get; }

    public int Columns { get; }

    public double[] Values { get; }

    public double this[int row, int column] => Values[row * Columns + column];

    /// <summary>‖A‖²_F.</summary>
    public double SquaredNorm => TensorPrimitives.SumOfSquares<double>(Values);

    public static Matrix Of(ReadOnlySpan<float> values, int rows, int columns)
    {
        var matrix = new Matrix(rows, columns);
        TensorPrimitives.ConvertTruncating<float, double>(values, matrix.Values);
        return matrix;
    }

    public Span<double> Row(int row) => Values.AsSpan(row * Columns, Columns);

    /// <summary>A copy of one column.</summary>
    public double[] Column(int column) => [.. Enumerable.Range(0, Rows).Select(row => this[row, column])];

    /// <summary>The same numbers, cut into rows of another length.</summary>
    public Matrix Reshaped(int rows, int columns) => new(rows, columns, Values);

    public Matrix Transposed()
    {
        const int Tile = 16;
        var result = new Matrix(Columns, Rows);
        for (var top = 0; top < Rows; top += Tile)
        {
            for (var left = 0; left < Columns; left += Tile)
            {
                for (var i = top; i < Math.Min(top + Tile, Rows); i++)
                {
                    for (var j = left; j < Math.Min(left + Tile, Columns); j++)
                        result.Values[j * Rows + i] = Values[i * Columns + j];
                }
            }
        }

        return result;
    }

    /// <summary>Makes a square matrix symmetric by what stands below its diagonal.</summary>
    public void MirrorLower()
    {
        for (var i = 0; i < Rows; i++)
        {
            for (var j = i + 1; j < Columns; j++)
                Values[i * Columns + j] = Values[j * Columns + i];
        }
    }

    /// <summary>Adds another matrix of the same size to this one.</summary>
    public void Add(Matrix other) => TensorPrimitives.Add(Values, other.Values, Values);

    /// <summary>Adds a matrix of the same size in float32 to this one.</summary>
    public void Add(FloatMatrix other)
    {
        var values = other.Values.Span;
        for (var i = 0; i < values.Length; i++)
            Values[i] += values[i];
    }

    /// <summary>The matrix product A·B.</summary>
    public Matrix Times(Matrix other) => MatrixProduct.TimesTransposed(this, other.Transposed());

    /// <summary>The numbers in float32, where magnitudes beyond its range become infinite.</summary>
    public float[] ToFloats()
    {
        var values = new float[Values.Length];
        TensorPrimitives.ConvertTruncating<double, float>(Values, values);
        return values;
    }

    /// <summary>The matrix in float32, as <see cref="ToFloats"/>.</summary>
    public FloatMatrix ToFloatMatrix() => new(Rows, Columns, ToFloats());
}
