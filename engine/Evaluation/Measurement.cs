
namespace Compress.Evaluation;

/// <summary>What was measured of one metric, before a confidence level is chosen.</summary>
public abstract class Measurement
{
    /// <summary>The level of the intervals in a report, unless a gate names another.</summary>
    public const double UsualLevel = 0.95;

    /// <summary>Samples that were measured; at least 1.</summary>
    public abstract int Samples { get; }

    /// <summary>The original's value; null for metrics that compare the two models.</summary>
    public virtual double? Before => null;

    /// <summary>The compressed model's value.</summary>
    public abstract double After { get; }

    /// <summary>
    /// How much worse the compressed model is, positive for worse: than the original where it has a value, else than a perfect
    /// copy of it, which has agreement 1, cosine 1 and mse 0.
    /// </summary>
    public abstract double Drop { get; }

    /// <summary>The two-sided interval of <see cref="After"/>; null where there are too few samples for one.</summary>
    public abstract Interval? ValueInterval(double level);

    /// <summary>The two-sided interval of <see cref="Drop"/>; null where there are too few samples for one.</summary>
    public abstract Interval? DropInterval(double level);

    /// <summary>The measurement as a report shows it, with its interval at a level in (0, 1).</summary>
    public MetricResult At(double level) => Before is null
        ? new MetricResult(null, After, null, ValueInterval(level), Samples)
        : new MetricResult(Before, After, Drop, DropInterval(level), Samples);
}
