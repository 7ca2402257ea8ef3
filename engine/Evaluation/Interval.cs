namespace Compress.Evaluation;

/// <summary>A confidence interval at a level such as 0.95.</summary>
public sealed record Interval(double Low, double High, double Level);
