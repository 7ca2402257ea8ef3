namespace Compress.Quantization.Blocks;

/// <summary>A matrix in 4 bits: w ≈ scale · (code − zero point), with a scale and a zero point for each block of neighbours in a column.</summary>
/// <param name="Rows">K, along which blocks lie.</param>
/// <param name="Columns">N.</param>
/// <param name="Block">The rows in a block; the last one may have fewer.</param>
/// <param name="Codes">0 to 15, K x N.</param>
/// <param name="Scales">Greater than zero, ⌈K / block⌉ x N.</param>
/// <param name="ZeroPoints">0 to 15, as many; 8 throughout for symmetric ranges.</param>
/// <param name="RelativeError">‖W − Ŵ‖ / ‖W‖; 0 for a weight of zeros.</param>
sealed record BlockedWeight(int Rows, int Columns, int Block, byte[] Codes, float[] Scales, byte[] ZeroPoints, double RelativeError)
{
    public int Blocks => (Rows + Block - 1) / Block;

    /// <summary>The number that stands in a place.</summary>
    public float At(int row, int column)
    {
        var block = ((row / Block) * Columns) + column;
        return Scales[block] * (Codes[(row * Columns) + column] - ZeroPoints[block]);
    }
}
