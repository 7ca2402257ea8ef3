using System.Numerics.Tensors;
using Compress.Numerics;
using Compress.Regression;

namespace Compress.Factorization;

/// <summary>
/// Reduced-rank regression (Izenman, J. Multivariate Analysis 5, 1975): of all weights of rank r, those that come nearest to the outputs of
/// given ones, on the inputs at hand, are their projection on the leading principal axes of these outputs, y ≈ V·Vᵀ·y. Where the layer has a
/// bias, axes are those about the mean, which the bias gives.
/// </summary>
sealed class OutputSubspace
{
    const int RowsInPart = 1024;

    /// <summary>What an axis counts for that the samples never use, relative to those that they do.</summary>
    const double WeightShare = 1e-8;

    readonly Matrix weights;
    readonly double[] mean;

    /// <summary>The axes as rows.</summary>
    readonly Matrix axes;

    /// <param name="inputs">Sampled input rows, each with one more number for the bias, which is not looked at.</param>
    /// <param name="weights">Outputs x (inputs + 1), with the bias in the last column.</param>
    /// <param name="hasBias">Whether the layer can have a bias.</param>
    public OutputSubspace(FloatMatrix inputs, Matrix weights, bool hasBias)
    {
        this.weights = weights;
        var plain = weights.ToFloatMatrix();
        for (var o = 0; o < plain.Rows; o++)
            plain.Row(o)[^1] = 0;
        // The products' eigenvalues are the same on either side; the shorter one is decomposed.
        (axes, Energies, mean) = weights.Columns - 1 < weights.Rows ? FromInputs(inputs, plain, hasBias) : FromOutputs(inputs, plain, hasBias);
    }

    /// <summary>From the second moments of the outputs.</summary>
    static (Matrix Axes, double[] Energies, double[] Mean) FromOutputs(FloatMatrix inputs, FloatMatrix plain, bool hasBias)
    {
        var outputs = plain.Rows;
        var moments = new FloatMatrix(outputs, outputs);
        var mean = new double[outputs];
        for (var start = 0; start < inputs.Rows; start += RowsInPart)
        {
            var part = inputs.Slice(start, Math.Min(RowsInPart, inputs.Rows - start));
            var given = new FloatMatrix(outputs, part.Rows);
            FloatProduct.AddTimesTransposed(plain, part, given);
            FloatProduct.AddTimesTransposed(given, given, moments, lowerTriangleOnly: true);
            for (var o = 0; o < outputs && hasBias; o++)
                mean[o] += TensorPrimitives.Sum<float>(given.Row(o)) / inputs.Rows;
        }

        var spread = About(mean, moments, inputs.Rows);
        AddWeights(spread, plain);
        var eigen = SymmetricEigen.Of(spread);
        return (eigen.Vectors, eigen.Values, mean);
    }

    /// <summary>From those of the inputs, S = R·Rᵀ: the axes are the left singular vectors of W·R.</summary>
    static (Matrix Axes, double[] Energies, double[] Mean) FromInputs(FloatMatrix inputs, FloatMatrix plain, bool hasBias)
    {
        var columns = inputs.Columns - 1;
        var moments = new FloatMatrix(columns, columns);
        var middle = new double[columns];
        for (var start = 0; start < inputs.Rows; start += RowsInPart)
        {
            var part = inputs.Slice(start, Math.Min(RowsInPart, inputs.Rows - start)).Transposed();
            part = part.Slice(0, columns);
            FloatProduct.AddTimesTransposed(part, part, moments, lowerTriangleOnly: true);
            for (var i = 0; i < columns && hasBias; i++)
                middle[i] += TensorPrimitives.Sum<float>(part.Row(i)) / inputs.Rows;
        }

        var spread = About(middle, moments, inputs.Rows);
        var trace = Trace(spread);
        for (var i = 0; i < columns; i++)
            spread.Values[(i * columns) + i] += trace > 0 ? WeightShare * trace / columns : 1;
        var root = SymmetricEigen.Of(spread);
        var scaled = new Matrix(columns, columns, (double[])root.Vectors.Values.Clone());
        for (var i = 0; i < columns; i++)
            TensorPrimitives.Multiply(scaled.Row(i), Math.Sqrt(root.Values[i]), scaled.Row(i));

        // W·R as rows of R's columns: each a direction of the inputs, and what it gives.
        var own = new Matrix(plain.Rows, columns);
        var mean = new double[plain.Rows];
        for (var o = 0; o < plain.Rows; o++)
        {
            TensorPrimitives.ConvertTruncating<float, double>(plain.Row(o)[..^1], own.Row(o));
            mean[o] = TensorPrimitives.Dot<double>(own.Row(o), middle);
        }

        var product = MatrixProduct.TimesTransposed(scaled, own);
        var eigen = SymmetricEigen.Of(MatrixProduct.Gram(product));
        var axes = eigen.Vectors.Times(product);
        for (var i = 0; i < columns; i++)
        {
            var norm = TensorPrimitives.Norm<double>(axes.Row(i));
            if (norm > 0)
                TensorPrimitives.Divide(axes.Row(i), norm, axes.Row(i));
        }

        return (axes, eigen.Values, mean);
    }

    /// <summary>Moments about the mean.</summary>
    static Matrix About(double[] mean, FloatMatrix moments, int rows)
    {
        moments.MirrorLower();
        var size = mean.Length;
        var spread = Matrix.Of(moments.Values.Span, size, size);
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
                spread.Values[(i * size) + j] -= rows * mean[i] * mean[j];
        }

        return spread;
    }

    /// <summary>What each axis holds of the energy, the greatest first.</summary>
    public double[] Energies { get; }

    /// <summary>The nearest weights of a rank.</summary>
    public LowRankWeights Project(int rank)
    {
        var outputs = new Matrix(rank, axes.Columns, axes.Values[..(rank * axes.Columns)]).Transposed();
        var inputs = outputs.Transposed().Times(weights);
        var bias = new double[weights.Rows];
        var kept = new double[rank];
        for (var r = 0; r < rank; r++)
        {
            for (var o = 0; o < bias.Length; o++)
                kept[r] += outputs[o, r] * mean[o];
        }

        for (var o = 0; o < bias.Length; o++)
        {
            bias[o] = weights[o, weights.Columns - 1] + mean[o];
            for (var r = 0; r < rank; r++)
                bias[o] -= outputs[o, r] * kept[r];
        }

        var factor = new Matrix(rank, weights.Columns - 1);
        for (var r = 0; r < rank; r++)
            inputs.Row(r)[..^1].CopyTo(factor.Row(r));
        return new LowRankWeights(outputs, factor, bias);
    }

    static void AddWeights(Matrix spread, FloatMatrix plain)
    {
        var products = new FloatMatrix(plain.Rows, plain.Rows);
        FloatProduct.AddTimesTransposed(plain, plain, products, lowerTriangleOnly: true);
        products.MirrorLower();
        var own = Matrix.Of(products.Values.Span, plain.Rows, plain.Rows);
        var (data, weight) = (Trace(spread), Trace(own));
        // Outputs that are all zero leave the weights' own axes.
        var share = weight > 0 ? (data > 0 ? WeightShare * data / weight : 1) : 0;
        for (var i = 0; i < own.Values.Length; i++)
            spread.Values[i] += share * own.Values[i];
    }

    static double Trace(Matrix matrix) => Enumerable.Range(0, matrix.Rows).Sum(i => matrix[i, i]);
}

/// <summary>Weights of low rank, V·A, with the bias that goes with them.</summary>
/// <param name="OutputFactor">V, outputs x rank.</param>
/// <param name="InputFactor">A, rank x inputs.</param>
/// <param name="Bias">A number for each output.</param>
sealed record LowRankWeights(Matrix OutputFactor, Matrix InputFactor, double[] Bias)
{
    /// <summary>The same product with the magnitude of each of its terms shared evenly, which suits int8 later.</summary>
    public LowRankWeights Balanced()
    {
        var (outputs, inputs) = (OutputFactor.Transposed(), InputFactor.Transposed().Transposed());
        for (var r = 0; r < inputs.Rows; r++)
        {
            var root = Math.Sqrt(TensorPrimitives.Norm<double>(inputs.Row(r)));
            if (root == 0)
                continue;
            TensorPrimitives.Divide(inputs.Row(r), root, inputs.Row(r));
            TensorPrimitives.Multiply(outputs.Row(r), root, outputs.Row(r));
        }

        return new LowRankWeights(outputs.Transposed(), inputs, Bias);
    }

    /// <summary>V·A with the bias in one more column.</summary>
    public Matrix Whole()
    {
        var product = OutputFactor.Times(InputFactor);
        var whole = new Matrix(product.Rows, product.Columns + 1);
        for (var o = 0; o < product.Rows; o++)
        {
            product.Row(o).CopyTo(whole.Row(o));
            whole.Row(o)[^1] = Bias[o];
        }

        return whole;
    }
}
