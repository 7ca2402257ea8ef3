using Compress.Evaluation;

namespace Compress.UnitTests.Evaluation;

public class ProportionTests
{
    /// <summary>R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.</summary>
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void The_interval_is_that_of_published_examples(int hits, int samples, double low, double high)
    {
        var interval = new Proportion(hits, samples).ValueInterval(0.95);

        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    [Fact]
    public void The_drop_of_a_share_is_what_is_missing_to_all()
    {
        var share = new Proportion(19, 20);

        Assert.Equal(0.05, share.Drop);
        Assert.Equal(1 - share.ValueInterval(0.9).Low, share.DropInterval(0.9).High);
        Assert.Null(share.At(0.9).Drop);
        Assert.Equal(share.ValueInterval(0.9), share.At(0.9).Interval);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    [InlineData(95.0)]
    public void A_level_that_is_no_probability_is_refused(double level)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Proportion(1, 2).ValueInterval(level));
    }
}
