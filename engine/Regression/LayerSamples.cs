using System.Numerics.Tensors;
using Compress.Numerics;

namespace Compress.Regression;

/// <summary>
/// Sampled input rows of a layer with the outputs wanted for them: first the rows to fit to, then those to validate with. Each input row
/// ends in a one, which the bias multiplies; in a zero where the layer can take no bias. Room for inputs is made when the first is asked for.
/// </summary>
sealed class LayerSamples
{
    const int RowsInPart = 1024;
    const double BiasStrength = 10;
    readonly int trainRows;
    readonly Lazy<FloatMatrix> x;
    readonly FloatMatrix y;

    /// <param name="trainRows">Rows to fit to.</param>
    /// <param name="validationRows">Rows to validate with.</param>
    /// <param name="inputLength">Numbers in an input row.</param>
    /// <param name="outputs">Outputs of the layer.</param>
    /// <param name="hasBias">Whether the layer can take a bias.</param>
    public LayerSamples(int trainRows, int validationRows, int inputLength, int outputs, bool hasBias)
    {
        this.trainRows = trainRows;
        y = new FloatMatrix(trainRows + validationRows, outputs);
        x = new Lazy<FloatMatrix>(() =>
        {
            var inputs = new FloatMatrix(y.Rows, inputLength + 1);
            for (var i = 0; hasBias && i < inputs.Rows; i++)
                inputs.Row(i)[^1] = 1;
            return inputs;
        });
    }

    /// <summary>Rows to fit to.</summary>
    public SampleRows Train => All.Slice(0, trainRows);

    /// <summary>Rows to validate with.</summary>
    public SampleRows Validation => All.Slice(trainRows, y.Rows - trainRows);

    public SampleRows All => new(x.Value, y);

    /// <summary>The numbers of an input row that are to be filled.</summary>
    public Span<float> Input(int row) => x.Value.Row(row)[..^1];

    /// <summary>The outputs wanted for a row.</summary>
    public Span<float> Target(int row) => y.Row(row);

    /// <summary>Samples that want the same outputs of other inputs, which are still to be filled.</summary>
    /// <param name="inputLength">Numbers in an input row.</param>
    /// <param name="hasBias">Whether the layer can take a bias.</param>
    public LayerSamples WithInputs(int inputLength, bool hasBias)
    {
        var others = new LayerSamples(trainRows, y.Rows - trainRows, inputLength, y.Columns, hasBias);
        y.Values.CopyTo(others.y.Values);
        return others;
    }

    /// <summary>‖Y − X·Wᵀ‖ / ‖Y‖ on the rows for validation.</summary>
    /// <param name="weights">Outputs x columns.</param>
    public double RelativeError(FloatMatrix weights) => Math.Sqrt(SquaredError(Validation, weights) / Validation.SquaredNorm);

    /// <summary>Leaves in the wanted outputs what weights do not give: Y − X·Wᵀ.</summary>
    /// <param name="weights">Outputs x columns.</param>
    public void Subtract(FloatMatrix weights)
    {
        foreach (var (part, given) in Products(All, weights))
        {
            var wanted = part.Y.Values.Span;
            TensorPrimitives.Subtract(wanted, given.Values.Span, wanted);
        }
    }

    /// <summary>
    /// Puts a greater number in the place of the ones that the bias multiplies, so that a penalty on weights of typical columns hardly
    /// counts for the bias.
    /// </summary>
    /// <returns>The number: what a bias found now has to be multiplied by.</returns>
    public double EnlargeOnes()
    {
        var inputs = All.X;
        var square = All.InputSquares / ((double)inputs.Rows * (inputs.Columns - 1));
        var factor = square > 0 ? (float)(BiasStrength * Math.Sqrt(square)) : 1;
        for (var i = 0; i < inputs.Rows; i++)
            inputs.Row(i)[^1] *= factor;
        return factor;
    }

    /// <summary>‖Y − X·Wᵀ‖² over some of the rows.</summary>
    public static double SquaredError(SampleRows rows, FloatMatrix weights)
    {
        var sum = 0.0;
        foreach (var (part, given) in Products(rows, weights))
        {
            for (var row = 0; row < part.Rows; row++)
            {
                var distance = (double)TensorPrimitives.Distance<float>(part.Y.Row(row), given.Row(row));
                sum += distance * distance;
            }
        }

        return sum;
    }

    static IEnumerable<(SampleRows Part, FloatMatrix Given)> Products(SampleRows rows, FloatMatrix weights)
    {
        foreach (var part in rows.Parts(RowsInPart))
        {
            var given = new FloatMatrix(part.Rows, weights.Rows);
            FloatProduct.AddTimesTransposed(part.X, weights, given);
            yield return (part, given);
        }
    }
}
