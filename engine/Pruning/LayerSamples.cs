using Compress.Numerics;

namespace Compress.Pruning;

/// <summary>
/// Sampled input rows of a layer with the outputs wanted for them. Each row ends in a one, which the bias multiplies. They are kept in
/// float32, as they come, and handed out in double precision a part at a time.
/// </summary>
sealed class LayerSamples
{
    const int RowsInPart = 1024;
    readonly bool hasBias;
    readonly float[] x;
    readonly float[] y;

    /// <param name="rows">How many rows will be added.</param>
    /// <param name="inputLength">Numbers in an input row.</param>
    /// <param name="outputs">Outputs of the layer.</param>
    /// <param name="hasBias">Whether the layer can take a bias; else rows end in a zero.</param>
    public LayerSamples(int rows, int inputLength, int outputs, bool hasBias)
    {
        this.hasBias = hasBias;
        (Columns, Outputs) = (inputLength + 1, outputs);
        x = new float[rows * Columns];
        y = new float[rows * outputs];
    }

    public int Rows { get; private set; }

    /// <summary>Numbers in an input row, the last one included.</summary>
    public int Columns { get; }

    public int Outputs { get; }

    /// <summary>‖Y‖².</summary>
    public double SquaredNorm => Parts().Sum(part => part.Y.SquaredNorm);

    /// <summary>The next row, to be filled: its input and the outputs wanted for it.</summary>
    public void Add(out Span<float> input, out Span<float> target)
    {
        var row = x.AsSpan(Rows * Columns, Columns);
        row[^1] = hasBias ? 1 : 0;
        input = row[..^1];
        target = y.AsSpan(Rows * Outputs, Outputs);
        Rows++;
    }

    /// <summary>All rows, some at a time: their inputs, rows x columns, and the outputs wanted, rows x outputs.</summary>
    public IEnumerable<(Matrix X, Matrix Y)> Parts()
    {
        for (var start = 0; start < Rows; start += RowsInPart)
        {
            var count = Math.Min(RowsInPart, Rows - start);
            yield return (Matrix.Of(x.AsSpan(start * Columns, count * Columns), count, Columns),
                Matrix.Of(y.AsSpan(start * Outputs, count * Outputs), count, Outputs));
        }
    }

    /// <summary>Leaves in the wanted outputs what weights do not give: Y − X·W.</summary>
    public void Subtract(Matrix weights)
    {
        var next = 0;
        foreach (var (inputs, wanted) in Parts())
        {
            var given = inputs.Times(weights);
            for (var i = 0; i < given.Values.Length; i++)
                y[next++] = (float)(wanted.Values[i] - given.Values[i]);
        }
    }

    /// <summary>‖Y − X·W‖².</summary>
    public double SquaredError(Matrix weights)
    {
        var sum = 0.0;
        foreach (var (inputs, wanted) in Parts())
        {
            var given = inputs.Times(weights);
            for (var i = 0; i < given.Values.Length; i++)
                sum += (wanted.Values[i] - given.Values[i]) * (wanted.Values[i] - given.Values[i]);
        }

        return sum;
    }
}
