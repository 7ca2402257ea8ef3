namespace Compress.Evaluation;

/// <summary>How one sample's outputs differ between the two models; the outputs are added one after the other.</summary>
sealed class SampleDifference
{
    long count;
    double squaredDifferences;
    double product;
    double squaresBefore;
    double squaresAfter;

    /// <summary>Whether the original gives a value that is not finite where the other gives another value.</summary>
    public bool BeforeIsNotFinite { get; private set; }

    /// <summary>Whether the compressed model gives a value that is not finite where the original gives another value.</summary>
    public bool AfterIsNotFinite { get; private set; }

    /// <summary>The mean of (after − before)².</summary>
    public double MeanSquare => count == 0 ? 0 : squaredDifferences / count;

    /// <summary>before · after / (‖before‖ ‖after‖); two zero vectors are alike, a zero vector and another are not.</summary>
    public double Cosine => squaresBefore == 0 || squaresAfter == 0
        ? (squaresBefore == squaresAfter ? 1 : 0)
        : Math.Clamp(product / (Math.Sqrt(squaresBefore) * Math.Sqrt(squaresAfter)), -1, 1);

    /// <summary>Adds an output of the sample. Equal infinities, and NaN in both, differ by nothing: masks often hold −∞.</summary>
    public void Add(ReadOnlySpan<float> before, ReadOnlySpan<float> after)
    {
        count += before.Length;
        for (var i = 0; i < before.Length; i++)
        {
            double x = before[i], y = after[i];
            if (double.IsFinite(x) && double.IsFinite(y))
            {
                squaredDifferences += (y - x) * (y - x);
                product += x * y;
                squaresBefore += x * x;
                squaresAfter += y * y;
            }
            else if (!x.Equals(y))
            {
                BeforeIsNotFinite |= !double.IsFinite(x);
                AfterIsNotFinite |= !double.IsFinite(y);
            }
        }
    }
}
