using Compress.Numerics;

namespace Compress.Factorization;

/// <summary>
/// W ≈ Σ_r a_r ∘ b_r ∘ c_r ∘ d_r, a sum of outer products (Hitchcock 1927; for convolutions Lebedev et al., ICLR 2015). Each matrix holds a
/// vector for every r in its rows.
/// </summary>
/// <param name="Outputs">A, R x C_out.</param>
/// <param name="Inputs">B, R x C_in.</param>
/// <param name="First">C, R x K_h: along the kernel's first axis.</param>
/// <param name="Second">D, R x K_w: along its second axis; of ones where the kernel has one axis.</param>
/// <param name="RelativeError">‖W − Ŵ‖ / ‖W‖; 0 for a kernel of zeros.</param>
sealed record CpDecomposition(FloatMatrix Outputs, FloatMatrix Inputs, FloatMatrix First, FloatMatrix Second, double RelativeError)
{
    public int Rank => Outputs.Rows;

    /// <summary>What the factors but for A compute, as rows of weights: R x (C_in·K_h·K_w), in ONNX's order.</summary>
    public FloatMatrix Features()
    {
        var (height, width) = (First.Columns, Second.Columns);
        var features = new FloatMatrix(Rank, Inputs.Columns * height * width);
        for (var r = 0; r < Rank; r++)
        {
            var row = features.Row(r);
            ReadOnlySpan<float> b = Inputs.Row(r), c = First.Row(r), d = Second.Row(r);
            for (var i = 0; i < row.Length; i++)
                row[i] = b[i / (height * width)] * c[i / width % height] * d[i % width];
        }

        return features;
    }

    /// <summary>Ŵ as C_out x (C_in·K_h·K_w), in ONNX's order.</summary>
    public FloatMatrix Reconstruct()
    {
        var features = Features();
        var whole = new FloatMatrix(Outputs.Columns, features.Columns);
        FloatProduct.AddTimesTransposed(Outputs.Transposed(), features.Transposed(), whole);
        return whole;
    }
}
