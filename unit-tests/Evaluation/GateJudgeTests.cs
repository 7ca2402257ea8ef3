using Compress.Diagnostics;
using Compress.Evaluation;
using Compress.Policies;
using Compress.Reporting;

namespace Compress.UnitTests.Evaluation;

public class GateJudgeTests
{
    static readonly SourcePosition Place = new("compress.yaml", 14, 3);

    // 0.9306 -> 0.9166, and 560 of 10000 samples have another verdict.
    static readonly PairedOutcomes Fell = new(8956, 350, 210, 484);

    static readonly Ratios Ratios = new(Size: 0.3512, Parameters: 0.5, Macs: null, Latency: 0.82);

    [Fact]
    public void A_drop_beyond_the_limit_fails_and_says_what_was_observed_allowed_and_can_be_done()
    {
        var (result, diagnostic) = GateJudge.Judge(new Gate("top1", Place, MaxDrop: 0.01), Of("top1", Fell), null);

        Assert.Equal(new GateResult("top1", "drop ≤ 1%", 0.014, GateVerdict.Failed,
            "top1 fell by 1.4 points (0.9306 -> 0.9166; 95% interval 0.936..1.863 points, 10000 samples); the gate allows 1 point"), result);
        Assert.Equal(
            "compress.yaml(14,3): error CMP5001: top1 fell by 1.4 points (0.9306 -> 0.9166; 95% interval 0.936..1.863 points, "
            + "10000 samples); the gate allows 1 point; compress less where the report shows the greatest errors, or raise max-drop",
            diagnostic!.ToString());
    }

    [Fact]
    public void A_drop_within_the_limit_passes_with_its_numbers()
    {
        var (result, diagnostic) = GateJudge.Judge(new Gate("top1", Place, MaxDrop: 0.015), Of("top1", Fell), null);

        Assert.Equal((GateVerdict.Passed, 0.014), (result.Verdict, result.Observed));
        Assert.Contains("the gate allows 1.5 points", result.Detail, StringComparison.Ordinal);
        Assert.Null(diagnostic);
    }

    [Theory]
    [InlineData(930, 70, 60)]
    [InlineData(9999, 1, 0)]
    [InlineData(700, 7, 0)]
    public void A_drop_of_exactly_the_limit_passes(int bothRight, int onlyBefore, int onlyAfter)
    {
        var outcomes = new PairedOutcomes(bothRight, onlyBefore, onlyAfter, 0);
        var limit = (double)(onlyBefore - onlyAfter) / (bothRight + onlyBefore + onlyAfter);

        Assert.Equal(GateVerdict.Passed, GateJudge.Judge(new Gate("top1", Place, MaxDrop: limit), Of("top1", outcomes), null).Result.Verdict);
    }

    [Fact]
    public void A_limit_whose_last_digit_was_lost_in_rounding_is_still_the_limit()
    {
        var limit = 0.7 * 0.01;
        var outcomes = new PairedOutcomes(993, 7, 0, 0);

        Assert.True(outcomes.Drop > limit);
        Assert.Equal(GateVerdict.Passed, GateJudge.Judge(new Gate("top1", Place, MaxDrop: limit), Of("top1", outcomes), null).Result.Verdict);
    }

    [Fact]
    public void Confidence_judges_the_worse_end_of_the_interval_and_says_how_many_samples_would_do()
    {
        var gate = new Gate("top1", Place, MaxDrop: 0.018, Confidence: 0.95);

        var (result, diagnostic) = GateJudge.Judge(gate, Of("top1", Fell), null);

        Assert.Equal(("drop ≤ 1.8% at 95% confidence", GateVerdict.Failed), (result.Limit, result.Verdict));
        Assert.Equal(Fell.DropInterval(0.95).High, result.Observed);
        // The interval reaches 0.463 points up where 0.4 are left, and it shrinks with the root of the number.
        Assert.Contains($"with about {Math.Ceiling(10000 * Math.Pow((result.Observed!.Value - 0.014) / 0.004, 2))} samples the interval would be too",
            diagnostic!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lower_confidence_asks_for_less()
    {
        var gate = new Gate("top1", Place, MaxDrop: 0.018, Confidence: 0.8);

        Assert.Equal(GateVerdict.Passed, GateJudge.Judge(gate, Of("top1", Fell), null).Result.Verdict);
    }

    [Fact]
    public void A_better_model_rose()
    {
        var (result, _) = GateJudge.Judge(new Gate("top1", Place, MaxDrop: 0), Of("top1", new PairedOutcomes(90, 1, 3, 6)), null);

        Assert.Equal(GateVerdict.Passed, result.Verdict);
        Assert.StartsWith("top1 rose by 2 points (0.9100 -> 0.9300;", result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.9166, GateVerdict.Passed)]
    [InlineData(0.92, GateVerdict.Failed)]
    public void The_least_value_is_held_against_the_compressed_model(double min, GateVerdict verdict)
    {
        Assert.Equal(verdict, GateJudge.Judge(new Gate("top1", Place, Min: min), Of("top1", Fell), null).Result.Verdict);
    }

    [Fact]
    public void Confidence_judges_the_lower_end_against_a_least_value()
    {
        var (result, _) = GateJudge.Judge(new Gate("agreement", Place, Min: 0.95, Confidence: 0.95), Of("agreement", new Proportion(96, 100)), null);

        Assert.Equal((GateVerdict.Failed, new Proportion(96, 100).ValueInterval(0.95).Low), (result.Verdict, result.Observed));
    }

    [Theory]
    [InlineData("mse", 0.02, 0.021, GateVerdict.Passed)]
    [InlineData("mse", 0.02, 0.019, GateVerdict.Failed)]
    [InlineData("cosine", 0.98, 0.021, GateVerdict.Passed)]
    [InlineData("cosine", 0.98, 0.019, GateVerdict.Failed)]
    public void The_drop_of_mse_and_cosine_is_the_distance_from_a_perfect_copy(string metric, double value, double limit, GateVerdict verdict)
    {
        var mean = metric == "mse" ? new SampleMean(0, 0, double.PositiveInfinity) : new SampleMean(1, -1, 1);
        mean.Add(value);
        mean.Add(value);

        var (result, _) = GateJudge.Judge(new Gate(metric, Place, MaxDrop: limit), Of(metric, mean), null);

        Assert.Equal(verdict, result.Verdict);
        Assert.Equal(0.02, result.Observed!.Value, 12);
        Assert.Contains("0.02 off a perfect copy", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_limits_each_must_hold()
    {
        var gate = new Gate("top1", Place, MaxDrop: 0.02, Min: 0.95);

        var (result, _) = GateJudge.Judge(gate, Of("top1", Fell), null);

        Assert.Equal(("drop ≤ 2%, ≥ 0.95", GateVerdict.Failed, 0.9166), (result.Limit, result.Verdict, result.Observed));
        Assert.DoesNotContain("fell", result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("size", 0.35, GateVerdict.Failed)]
    [InlineData("size", 0.3512, GateVerdict.Passed)]
    [InlineData("parameters", 0.5, GateVerdict.Passed)]
    [InlineData("latency", 0.7, GateVerdict.Failed)]
    public void Ratios_are_held_against_the_greatest_that_is_allowed(string metric, double max, GateVerdict verdict)
    {
        var (result, diagnostic) = GateJudge.Judge(new Gate(metric, Place, Max: max), null, Ratios);

        Assert.Equal(verdict, result.Verdict);
        Assert.Equal(verdict == GateVerdict.Failed ? "CMP5001" : null, diagnostic?.Code);
    }

    [Fact]
    public void A_ratio_is_told_in_percent_of_the_original()
    {
        var (result, _) = GateJudge.Judge(new Gate("size", Place, Max: 0.35), null, Ratios);

        Assert.Equal(("≤ 35%", "size is 35.12% of the original's; the gate allows 35%"), (result.Limit, result.Detail));
    }

    [Fact]
    public void Top1_without_labels_cannot_be_measured()
    {
        var comparison = new Comparison(new Dictionary<string, Measurement>(), new Dictionary<string, string> { ["top1"] = "there are no labels" }, []);

        var (result, diagnostic) = GateJudge.Judge(new Gate("top1", Place, MaxDrop: 0.01), comparison, null);

        Assert.Equal((GateVerdict.NotMeasured, null), (result.Verdict, result.Observed));
        Assert.Equal("compress.yaml(14,3): error CMP5002: top1 cannot be measured: there are no labels", diagnostic!.ToString());
    }

    [Theory]
    [InlineData("top1")]
    [InlineData("size")]
    [InlineData("latency")]
    public void What_was_not_measured_does_not_pass(string metric)
    {
        var (result, diagnostic) = GateJudge.Judge(new Gate(metric, Place, Max: 1), null, null);

        Assert.Equal((GateVerdict.NotMeasured, "CMP5002"), (result.Verdict, diagnostic!.Code));
    }

    [Fact]
    public void Macs_of_unknown_sizes_cannot_be_measured()
    {
        Assert.Equal(GateVerdict.NotMeasured, GateJudge.Judge(new Gate("macs", Place, Max: 1), null, Ratios).Result.Verdict);
    }

    [Fact]
    public void A_drop_of_a_ratio_means_nothing_and_is_refused()
    {
        var (_, diagnostic) = GateJudge.Judge(new Gate("size", Place, MaxDrop: 0.1), null, Ratios);

        Assert.Equal("CMP5002", diagnostic!.Code);
        Assert.Contains("use max", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Confidence_in_the_mean_of_one_sample_is_refused()
    {
        var mean = new SampleMean(1, -1, 1);
        mean.Add(1);

        Assert.Equal("CMP5002", GateJudge.Judge(new Gate("cosine", Place, Min: 0, Confidence: 0.9), Of("cosine", mean), null).Diagnostic!.Code);
        Assert.Null(GateJudge.Judge(new Gate("cosine", Place, Min: 0), Of("cosine", mean), null).Diagnostic);
    }

    [Theory]
    [InlineData("top1", "CMP5001")]
    [InlineData("top5", "CMP5002")]
    public void In_warn_mode_the_verdict_stays_and_the_diagnostic_is_a_warning(string metric, string code)
    {
        var (result, diagnostic) = GateJudge.Judge(new Gate(metric, Place, MaxDrop: 0.01), Of("top1", Fell), null, GateMode.Warn);

        Assert.NotEqual(GateVerdict.Passed, result.Verdict);
        Assert.Equal((code, Severity.Warning), (diagnostic!.Code, diagnostic.Severity));
    }

    [Fact]
    public void In_skip_mode_nothing_is_judged()
    {
        var (result, diagnostic) = GateJudge.Judge(new Gate("top1", Place, MaxDrop: 0.01), Of("top1", Fell), null, GateMode.Skip);

        Assert.Equal((GateVerdict.NotMeasured, "gates are skipped"), (result.Verdict, result.Detail));
        Assert.Null(diagnostic);
    }

    static Comparison Of(string metric, Measurement measurement) =>
        new(new Dictionary<string, Measurement> { [metric] = measurement }, new Dictionary<string, string>(), []);
}
