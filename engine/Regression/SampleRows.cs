using System.Numerics.Tensors;
using Compress.Numerics;

namespace Compress.Regression;

/// <summary>A view of rows of a regression problem.</summary>
/// <param name="X">Inputs, rows x columns.</param>
/// <param name="Y">Outputs wanted for them, rows x outputs.</param>
readonly record struct SampleRows(FloatMatrix X, FloatMatrix Y)
{
    public int Rows => X.Rows;

    /// <summary>‖Y‖².</summary>
    public double SquaredNorm => Parts(64).Sum(part => (double)TensorPrimitives.SumOfSquares<float>(part.Y.Values.Span));

    /// <summary>‖X‖² without the last column, which belongs to the bias.</summary>
    public double InputSquares
    {
        get
        {
            var sum = 0.0;
            for (var i = 0; i < Rows; i++)
                sum += TensorPrimitives.SumOfSquares<float>(X.Row(i)[..^1]);
            return sum;
        }
    }

    public SampleRows Slice(int start, int count) => new(X.Slice(start, count), Y.Slice(start, count));

    /// <summary>All rows, some at a time.</summary>
    public IEnumerable<SampleRows> Parts(int most)
    {
        for (var start = 0; start < Rows; start += most)
            yield return Slice(start, Math.Min(most, Rows - start));
    }
}
