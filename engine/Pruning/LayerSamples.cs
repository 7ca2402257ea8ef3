namespace Compress.Pruning;

/// <summary>Sampled input rows of a layer with the outputs wanted for them. Each row ends in a one, which the bias multiplies.</summary>
sealed class LayerSamples
{
    readonly bool hasBias;

    /// <param name="rows">How many rows will be added.</param>
    /// <param name="inputLength">Numbers in an input row.</param>
    /// <param name="outputs">Outputs of the layer.</param>
    /// <param name="hasBias">Whether the layer can take a bias; else rows end in a zero.</param>
    public LayerSamples(int rows, int inputLength, int outputs, bool hasBias)
    {
        this.hasBias = hasBias;
        (Columns, Outputs) = (inputLength + 1, outputs);
        X = new float[rows * Columns];
        Y = new float[rows * outputs];
    }

    public int Rows { get; private set; }

    /// <summary>Numbers in a row of <see cref="X"/>.</summary>
    public int Columns { get; }

    public int Outputs { get; }

    public float[] X { get; }

    /// <summary>The outputs wanted.</summary>
    public float[] Y { get; }

    /// <summary>The next row, to be filled: its input and the outputs wanted for it.</summary>
    public void Add(out Span<float> input, out Span<float> target)
    {
        var row = X.AsSpan(Rows * Columns, Columns);
        row[^1] = hasBias ? 1 : 0;
        input = row[..^1];
        target = Y.AsSpan(Rows * Outputs, Outputs);
        Rows++;
    }
}
