namespace Compress.Evaluation;

/// <summary>A metric before and after.</summary>
/// <param name="Before">The original's value; null for metrics that compare the two.</param>
/// <param name="After">The compressed model's value.</param>
/// <param name="Drop">How much it worsened, positive for worse; null where there is no value before.</param>
/// <param name="Interval">The confidence interval of the drop, or of the value where there is no drop.</param>
/// <param name="Samples">Samples that were measured.</param>
public sealed record MetricResult(double? Before, double After, double? Drop, Interval? Interval, int Samples);
