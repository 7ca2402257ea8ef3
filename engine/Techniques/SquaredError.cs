namespace Compress.Techniques;

/// <summary>Sums of squares over values and over what they are off by.</summary>
readonly record struct SquaredError(double Difference, double Reference)
{
    /// <summary>‖expected − actual‖ / ‖expected‖; not finite where all expected values are zero, or one is not finite.</summary>
    public double Relative => Math.Sqrt(Difference / Reference);

    public static SquaredError operator +(SquaredError one, SquaredError other) =>
        new(one.Difference + other.Difference, one.Reference + other.Reference);

    public static SquaredError Of(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        double difference = 0, reference = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var d = (double)expected[i] - actual[i];
            difference += d * d;
            reference += (double)expected[i] * expected[i];
        }

        return new SquaredError(difference, reference);
    }
}
