namespace Compress.Policies.Reading;

/// <summary>The legal values of a number. <see cref="ToString"/> says them in words.</summary>
sealed record NumberRange(double Min, double Max, bool WithMin = true, bool WithMax = true)
{
    public static readonly NumberRange Any = new(double.NegativeInfinity, double.PositiveInfinity);
    public static readonly NumberRange NotNegative = new(0, double.PositiveInfinity);
    public static readonly NumberRange Positive = new(0, double.PositiveInfinity, WithMin: false);

    public static NumberRange AtLeast(double min) => new(min, double.PositiveInfinity);

    public bool Holds(double value) =>
        (WithMin ? value >= Min : value > Min) && (WithMax ? value <= Max : value < Max);

    public override string ToString()
    {
        var least = double.IsInfinity(Min) ? null : (WithMin ? "at least " : "greater than ") + Min;
        var most = double.IsInfinity(Max) ? null : (WithMax ? "at most " : "less than ") + Max;
        return string.Join(" and ", new[] { least, most }.OfType<string>());
    }
}
