using Compress.Quantization;
using CsCheck;

namespace Compress.UnitTests.Quantization;

public class RangeObserverTests
{
    static readonly Gen<float[]> Values = Gen.Float[-100, 100].Array[1, 200];

    [Fact]
    public void The_percentile_range_does_not_depend_on_how_values_are_batched() =>
        Gen.Select(Values, Gen.Int[1, 50], Gen.Double[50, 100]).Sample((values, batch, percent) =>
        {
            var (whole, chunked) = (new PercentileObserver(percent), new PercentileObserver(percent));
            whole.Observe(values);
            foreach (var chunk in values.Chunk(batch))
                chunked.Observe(chunk);
            Assert.Equal(whole.Range, chunked.Range);
        });

    [Fact]
    public void The_whole_percentile_is_the_least_and_the_greatest() => Values.Sample(values =>
    {
        var observer = new PercentileObserver(100);
        observer.Observe(values);
        Assert.Equal((values.Min(), values.Max()), observer.Range);
    });

    [Fact]
    public void A_percentile_cuts_the_share_it_says()
    {
        var observer = new PercentileObserver(99);
        observer.Observe([.. Enumerable.Range(0, 10000).Select(i => i / 10000f)]);

        var (low, high) = observer.Range;

        Assert.Equal(0, low);
        Assert.InRange(high, 0.989f, 0.991f);
    }

    [Fact]
    public void Outliers_on_both_sides_are_cut_evenly()
    {
        var observer = new PercentileObserver(98);
        observer.Observe([.. Enumerable.Range(-5000, 10001).Select(i => i / 5000f)]);

        var (low, high) = observer.Range;

        Assert.InRange(low, -0.982f, -0.978f);
        Assert.InRange(high, 0.978f, 0.982f);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_value_that_is_not_finite_shows_in_the_range(float value)
    {
        foreach (IRangeObserver observer in (IRangeObserver[])[new MinMaxObserver(), new PercentileObserver(99)])
        {
            observer.Observe([1, value]);
            observer.Observe([2]);
            Assert.False(float.IsFinite(observer.Range.Low) && float.IsFinite(observer.Range.High));
        }
    }

    [Fact]
    public void Quantization_of_a_range_gives_zero_back_exactly() => Gen.Select(Gen.Float[-50, 50], Gen.Float[-50, 50]).Sample((a, b) =>
    {
        var parameters = QuantizationParameters.Asymmetric(Math.Min(a, b), Math.Max(a, b));
        Assert.InRange(parameters.ZeroPoint, 0, 255);
        Assert.True(parameters.Scale > 0);
        // Both ends lie within one step of what the integers reach.
        Assert.InRange(Math.Min(0, Math.Min(a, b)), (-parameters.ZeroPoint - 0.51f) * parameters.Scale, float.MaxValue);
        Assert.InRange(Math.Max(0, Math.Max(a, b)), float.MinValue, (255 - parameters.ZeroPoint + 0.51f) * parameters.Scale);
    });

    [Fact]
    public void A_range_without_width_gets_scale_one()
    {
        Assert.Equal(new QuantizationParameters(1, 0, false), QuantizationParameters.Asymmetric(0, 0));
        Assert.Equal(new QuantizationParameters(1, 0, true), QuantizationParameters.Symmetric(0, 0));
    }
}
