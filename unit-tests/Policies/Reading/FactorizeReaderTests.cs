using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies.Reading;

public class FactorizeReaderTests
{
    const string Forms = "a rank (32), a ratio (0.5), auto, none, or a mapping with one of rank, ratio, energy, speedup, error";

    [Theory]
    [InlineData("32", "rank 32")]
    [InlineData("1", "rank 1")]
    [InlineData("1.0", "ratio 1")]
    [InlineData("0.5", "ratio 0.5")]
    [InlineData("50%", "ratio 0.5")]
    [InlineData("1/2", "ratio 0.5")]
    [InlineData("{ rank: 8 }", "rank 8")]
    [InlineData("{ ratio: 25% }", "ratio 0.25")]
    [InlineData("{ energy: 95%, round-to: 8 }", "energy 95%, round to 8")]
    [InlineData("{ speedup: 1.5 }", "speedup 1.5")]
    [InlineData("auto", "rank auto")]
    [InlineData("{ rank: auto, round-to: 1 }", "rank auto, round to 1")]
    [InlineData("{ error: 1%, data-aware: true }", "error 1%, data-aware")]
    [InlineData("{ rank: 8, data-aware: false }", "rank 8, not data-aware")]
    public void Both_techniques_take_a_rank_a_ratio_or_a_rule(string yaml, string meaning)
    {
        Assert.Equal(meaning, PolicyYaml.Rule($"svd: {yaml}").Svd!.Settings!.ToString());
        Assert.Equal(meaning, PolicyYaml.Rule($"tucker: {yaml}").Tucker!.Settings!.ToString());
    }

    [Fact]
    public void Tucker_takes_a_rank_for_each_mode() =>
        Assert.Equal([16, 32], PolicyYaml.Rule("tucker: { rank: [16, 32] }").Tucker!.Settings!.Ranks);

    [Theory]
    [InlineData("svd: 0", 10, "CMP1005: 'svd' is 0; it must be at least 1 and at most 2147483647")]
    [InlineData("svd: 1.5", 10, "CMP1005: 'svd' is 1.5; it must be greater than 0 and at most 1 (did you mean 1.5%?)")]
    [InlineData("svd: small", 10, "CMP1004: 'svd' expects " + Forms + "; found 'small'")]
    [InlineData("svd: [8]", 10, "CMP1004: 'svd' expects " + Forms + "; found a list")]
    [InlineData("svd: {}", 10, "CMP1006: 'svd' needs one of rank, ratio, energy, speedup, error")]
    [InlineData("tucker: { round-to: 8 }", 13, "CMP1006: 'tucker' needs one of rank, ratio, energy, speedup, error")]
    [InlineData("tucker: { energy: 95% , ratio: 0.5 }", 29, "CMP1007: 'ratio' and 'energy' exclude each other; give one of rank, ratio, energy, speedup, error")]
    [InlineData("svd: { rank: [8, 8] }", 18, "CMP1004: 'rank' expects a rank (32), or auto; found a list")]
    [InlineData("tucker: { rank: [8] }", 21, "CMP1004: 'rank' expects a rank (32), a list of two ranks ([16, 32]), or auto; found a list")]
    [InlineData("tucker: { rank: [8, 0] }", 25, "CMP1005: 'rank' is 0; it must be at least 1 and at most 2147483647")]
    [InlineData("svd: { energy: 95 }", 20, "CMP1005: 'energy' is 95; it must be greater than 0 and at most 1 (did you mean 95%?)")]
    [InlineData("svd: { speedup: 1 }", 21, "CMP1005: 'speedup' is 1; it must be greater than 1")]
    [InlineData("svd: { error: 1 }", 19, "CMP1005: 'error' is 1; it must be greater than 0 and less than 1")]
    [InlineData("svd: { error: 1%, data-aware: false }", 12, "CMP1007: 'error' is about what layers give on data; leave out 'data-aware: false'")]
    [InlineData("svd: { axis: 1 }", 12, "CMP1003: 'axis' is not supported by this version; 'svd' takes rank, ratio, energy, speedup, error, round-to, data-aware")]
    public void A_mistake_is_reported_where_it_stands(string technique, int column, string message) =>
        Assert.Equal($"p.yaml(4,{column}): error {message}", PolicyYaml.RuleMistake(technique));
}
