using Compress.Evaluation;

namespace Compress.UnitTests.Evaluation;

public class SampleMeanTests
{
    [Fact]
    public void The_interval_reaches_z_standard_errors_to_each_side_of_the_mean()
    {
        // Mean 5, Σ(x − 5)² = 32, s² = 32/7.
        var mean = Of(2, 4, 4, 4, 5, 5, 7, 9);

        var interval = mean.ValueInterval(0.95)!;

        Assert.Equal(5, mean.After, 12);
        Assert.Equal(5 - 1.959964 * Math.Sqrt(32.0 / 7 / 8), interval.Low, 5);
        Assert.Equal(5 + 1.959964 * Math.Sqrt(32.0 / 7 / 8), interval.High, 5);
    }

    [Fact]
    public void A_large_offset_does_not_drown_the_spread()
    {
        var near = Of(1, 2, 3).ValueInterval(0.9)!;
        var far = Of(1e9 + 1, 1e9 + 2, 1e9 + 3).ValueInterval(0.9)!;

        Assert.Equal(near.High - near.Low, far.High - far.Low, 5);
    }

    [Fact]
    public void A_single_sample_has_no_interval() => Assert.Null(Of(3).ValueInterval(0.95));

    [Fact]
    public void An_interval_is_cut_to_the_values_that_can_be()
    {
        var cosine = new SampleMean(perfect: 1, least: -1, greatest: 1);
        cosine.Add(1);
        cosine.Add(0.9);

        Assert.Equal(1, cosine.ValueInterval(0.95)!.High);
        Assert.Equal(0, cosine.DropInterval(0.95)!.Low);
        Assert.Equal(1 - cosine.ValueInterval(0.95)!.Low, cosine.DropInterval(0.95)!.High);
        Assert.Equal(0.05, cosine.Drop, 12);
    }

    static SampleMean Of(params double[] values)
    {
        var mean = new SampleMean(perfect: 0, least: 0, greatest: double.PositiveInfinity);
        foreach (var value in values)
            mean.Add(value);
        return mean;
    }
}
