using Compress.Numerics;

namespace Compress.Pruning;

/// <summary>
/// How much of a layer's output comes from each of its input channels, as LASSO needs it. Channel i contributes Z_i = X_i·W_i, samples x
/// outputs, where X_i are the columns of the input matrix that belong to it and W_i the rows of the weights.
/// </summary>
/// <param name="Gram">⟨Z_i, Z_j⟩, channels x channels.</param>
/// <param name="SquaredNorms">‖W_i‖² (Frobenius) for each channel.</param>
sealed record ChannelContributions(Matrix Gram, double[] SquaredNorms)
{
    /// <summary>⟨Z_i, Y⟩, where Y = Σ_j Z_j is what all of the channels give together.</summary>
    public double[] WithOutput => [.. Enumerable.Range(0, Gram.Rows).Select(i => System.Numerics.Tensors.TensorPrimitives.Sum<double>(Gram.Row(i)))];

    /// <summary>
    /// From the second moments alone, so that the cost of all pairs of channels does not grow with the samples: ⟨Z_i, Z_j⟩ =
    /// Σ_{a∈i, b∈j} (XᵀX)_ab · (WWᵀ)_ab.
    /// </summary>
    /// <param name="moments">XᵀX, inputs x inputs.</param>
    /// <param name="weights">W, with a row for each input at least; further ones, as of a bias, do not count.</param>
    /// <param name="rows">The inputs that belong to each channel.</param>
    public static ChannelContributions Of(Matrix moments, Matrix weights, int[][] rows)
    {
        var gram = new Matrix(rows.Length, rows.Length);
        var norms = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var own = new Matrix(rows[i].Length, weights.Columns, [.. rows[i].SelectMany(row => weights.Row(row).ToArray())]);
            norms[i] = own.SquaredNorm;
            var products = MatrixProduct.TimesTransposed(own, weights);
            for (var j = 0; j < rows.Length; j++)
            {
                var sum = 0.0;
                for (var a = 0; a < rows[i].Length; a++)
                {
                    var product = products.Row(a);
                    var moment = moments.Row(rows[i][a]);
                    foreach (var b in rows[j])
                        sum += product[b] * moment[b];
                }

                gram.Row(i)[j] = sum;
            }
        }

        return new ChannelContributions(gram, norms);
    }

    /// <summary>Adds those of another layer that reads the same channels, each weighted so that its output counts as 1.</summary>
    public static ChannelContributions Sum(IReadOnlyList<ChannelContributions> layers)
    {
        var channels = layers[0].SquaredNorms.Length;
        var (gram, norms) = (new Matrix(channels, channels), new double[channels]);
        foreach (var layer in layers)
        {
            var output = layer.WithOutput.Sum();
            for (var i = 0; output > 0 && i < gram.Values.Length; i++)
                gram.Values[i] += layer.Gram.Values[i] / output;
            for (var i = 0; output > 0 && i < channels; i++)
                norms[i] += layer.SquaredNorms[i] / output;
        }

        return new ChannelContributions(gram, norms);
    }

    /// <summary>With ‖W_i‖ = 1 for every channel, as the penalty needs it; channels without weights contribute nothing either way.</summary>
    public (Matrix Gram, double[] Right) Normalized()
    {
        var scales = Array.ConvertAll(SquaredNorms, square => square > 0 ? 1 / Math.Sqrt(square) : 0);
        var gram = new Matrix(Gram.Rows, Gram.Rows);
        for (var i = 0; i < Gram.Rows; i++)
        {
            for (var j = 0; j < Gram.Rows; j++)
                gram.Row(i)[j] = Gram[i, j] * scales[i] * scales[j];
        }

        return (gram, [.. WithOutput.Zip(scales, (product, scale) => product * scale)]);
    }
}
