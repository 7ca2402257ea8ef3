using Compress.Policies;

namespace Compress.Quantization;

/// <summary>Watches the values of a tensor batch by batch and finds the range to quantize. Memory does not grow with the number of batches.</summary>
public interface IRangeObserver
{
    void Observe(ReadOnlySpan<float> values);

    /// <summary>The range; not finite where a value was not.</summary>
    (float Low, float High) Range { get; }

    static IRangeObserver For(QuantizeSettings settings) => settings.Calibrate switch
    {
        Calibrator.MinMax => new MinMaxObserver(),
        Calibrator.Percentile => new PercentileObserver(settings.Percentile),
        Calibrator.Entropy => new EntropyObserver(settings.Symmetric),
        Calibrator.SquaredError => new SquaredErrorObserver(settings.Symmetric),
        _ => throw new ArgumentOutOfRangeException(nameof(settings), settings.Calibrate, "unknown calibrator"),
    };
}
