using Compress.Quantization;
using Compress.UnitTests.Support;
using CsCheck;

namespace Compress.UnitTests.Quantization;

public class RangeObserverTests
{
    static readonly Gen<float[]> Values = Gen.Float[-100, 100].Array[1, 200];

    /// <summary>Ones that look at a distribution.</summary>
    static IRangeObserver Observer(int kind) => kind switch
    {
        0 => new PercentileObserver(97),
        1 => new EntropyObserver(),
        2 => new EntropyObserver(isSymmetric: true),
        3 => new SquaredErrorObserver(),
        _ => new SquaredErrorObserver(isSymmetric: true),
    };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_range_does_not_depend_on_how_values_are_batched_and_lies_within_what_was_seen(int kind) =>
        Gen.Select(Values, Gen.Int[1, 50], Gen.Int[-40, 40]).Sample((values, batch, exponent) =>
        {
            var scaled = values.Select(value => MathF.ScaleB(value, exponent)).ToArray();
            var (whole, chunked) = (Observer(kind), Observer(kind));
            whole.Observe(scaled);
            foreach (var chunk in scaled.Chunk(batch))
                chunked.Observe(chunk);
            Assert.Equal(whole.Range, chunked.Range);
            Assert.InRange(whole.Range.Low, scaled.Min(), scaled.Max());
            Assert.InRange(whole.Range.High, scaled.Min(), scaled.Max());
        }, iter: 40);

    [Fact]
    public void The_squared_error_of_the_range_is_no_more_than_that_of_the_range_of_all_values() => Gen.Select(Gen.Double[0.5, 4], Gen.Bool).Sample((tail, isSymmetric) =>
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 5000).Select(_ => (float)(Math.Sign(random.NextDouble() - 0.3) * Math.Pow(-Math.Log(1 - random.NextDouble()), tail))).ToArray();
        var observer = new SquaredErrorObserver(isSymmetric);
        observer.Observe(values);
        Assert.InRange(SquaredError(values, observer.Range, isSymmetric), 0, SquaredError(values, (values.Min(), values.Max()), isSymmetric) * 1.01);
    }, iter: 20);

    /// <summary>Banner, Nahshan and Soudry (NeurIPS 2019) give 9.89 b as the best clipping of Laplace's distribution at 8 bits; here b = 1.</summary>
    [Fact]
    public void The_best_clipping_of_a_Laplace_distribution_is_the_published_one()
    {
        var random = new Random(3);
        var values = Enumerable.Range(0, 400_000).Select(_ => (float)(-Math.Log(1 - random.NextDouble()) * (random.Next(2) == 0 ? 1 : -1))).ToArray();
        var observer = new SquaredErrorObserver(isSymmetric: true);
        observer.Observe(values);
        Assert.InRange(observer.Range.High, 8.9f, 11);
    }

    [Fact]
    public void The_entropy_range_clips_a_lone_outlier_and_keeps_even_values_whole()
    {
        float[] even = [.. Enumerable.Range(0, 100_000).Select(i => i / 100_000f)];
        float[] normal = [.. new GraphBuilder(seed: 8).Normal(100_000).Select(MathF.Abs)];
        var (whole, outlier) = (new EntropyObserver(), new EntropyObserver());
        whole.Observe(even);
        outlier.Observe([.. normal, 30]);
        Assert.Equal((0, even[^1]), whole.Range);
        Assert.InRange(outlier.Range.High, 2, 8);
    }

    [Fact]
    public void Zeros_do_not_move_the_entropy_range()
    {
        var random = new Random(4);
        var values = Enumerable.Range(0, 50_000).Select(_ => (float)-Math.Log(1 - random.NextDouble())).ToArray();
        var (bare, mixed) = (new EntropyObserver(), new EntropyObserver());
        bare.Observe(values);
        mixed.Observe([.. values, .. new float[50_000]]);
        Assert.InRange(mixed.Range.High, bare.Range.High * 0.9f, bare.Range.High * 1.1f);
    }

    static double SquaredError(float[] values, (float Low, float High) range, bool isSymmetric)
    {
        var parameters = isSymmetric ? QuantizationParameters.Symmetric(range.Low, range.High) : QuantizationParameters.Asymmetric(range.Low, range.High);
        var (low, high) = isSymmetric ? (-127, 127) : (-parameters.ZeroPoint, 255 - parameters.ZeroPoint);
        return values.Sum(value => Math.Pow(value - (Math.Clamp(Math.Round(value / parameters.Scale), low, high) * parameters.Scale), 2));
    }

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
        foreach (IRangeObserver observer in (IRangeObserver[])[new MinMaxObserver(), .. Enumerable.Range(0, 5).Select(Observer)])
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
