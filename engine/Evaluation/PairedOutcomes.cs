
namespace Compress.Evaluation;

/// <summary>
/// Both models' answers to the same questions, each right or wrong: the four cells of a table of matched pairs. That the pairs
/// are matched is what makes a small drop visible: samples on which both models do alike add nothing to the uncertainty.
/// </summary>
/// <param name="bothRight">Samples that both models have right.</param>
/// <param name="onlyBefore">Samples that the original alone has right.</param>
/// <param name="onlyAfter">Samples that the compressed model alone has right.</param>
/// <param name="bothWrong">Samples that neither has right.</param>
public sealed class PairedOutcomes(int bothRight, int onlyBefore, int onlyAfter, int bothWrong) : Measurement
{
    public int OnlyBefore => onlyBefore;

    public int OnlyAfter => onlyAfter;

    public override int Samples => bothRight + onlyBefore + onlyAfter + bothWrong;

    public override double? Before => (double)(bothRight + onlyBefore) / Samples;

    public override double After => (double)(bothRight + onlyAfter) / Samples;

    // Not Before − After: their rounding would let a drop of exactly the limit fail.
    public override double Drop => (double)(onlyBefore - onlyAfter) / Samples;

    public override Interval ValueInterval(double level) => new Proportion(bothRight + onlyAfter, Samples).ValueInterval(level);

    public override Interval DropInterval(double level) => AdjustedWald(Samples, onlyBefore, onlyAfter, level);

    /// <summary>
    /// The adjusted Wald interval for matched pairs (A. Agresti and Y. Min, "Simple improved confidence intervals for comparing
    /// matched proportions", Statistics in Medicine 24, 2005): Wald's interval after 1/2 is added to each of the four cells.
    /// With b and c the samples that only the one or the other model has right, n* = n + 2 and d* = (b − c) / n*, it is
    /// d* ± z √((b + c + 1)/n* − d*²) / √n*. Without the adjustment, no change at all would give an interval of no width.
    /// </summary>
    internal static Interval AdjustedWald(double samples, double onlyBefore, double onlyAfter, double level)
    {
        var n = samples + 2;
        var drop = (onlyBefore - onlyAfter) / n;
        var reach = NormalQuantile.TwoSided(level) * Math.Sqrt(((onlyBefore + onlyAfter + 1) / n - drop * drop) / n);
        return new Interval(Math.Max(-1, drop - reach), Math.Min(1, drop + reach), level);
    }
}
