using Compress.Diagnostics;
using Compress.Policies;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies.Reading;

public class FactorizeReaderTests
{
    const string Forms = "a rank (32), a ratio (0.5), auto, budget, none, or a mapping with one of rank, ratio, energy, speedup, error";

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

    [Theory]
    [InlineData("8", "rank 8")]
    [InlineData("{ speedup: 2, round-to: 4 }", "speedup 2, round to 4")]
    [InlineData("{ error: 5% }", "error 5%")]
    public void Cp_takes_a_rank_or_a_rule(string yaml, string meaning) =>
        Assert.Equal(meaning, PolicyYaml.Rule($"cp: {yaml}").Cp!.Settings!.ToString());

    [Fact]
    public void Svd_takes_an_axis() =>
        Assert.Equal("rank 8, axis spatial", PolicyYaml.Rule("svd: { rank: 8, axis: spatial }").Svd!.Settings!.ToString());

    [Theory]
    [InlineData("{ macs: 50% }", "tucker: budget", "macs 50%")]
    [InlineData("{ parameters: 0.3 }", "svd: { rank: budget, round-to: 1 }", "parameters 30%")]
    public void A_budget_is_what_the_model_may_cost(string yaml, string technique, string meaning)
    {
        var diagnostics = new DiagnosticBag();

        var policy = PolicyReader.Parse($"version: 1\nlayers:\n  - match: '*'\n    {technique}\nfactorize-budget: {yaml}\n", "p.yaml", diagnostics);

        Assert.Equal(meaning, policy!.FactorizeBudget!.ToString());
        Assert.Empty(diagnostics);
    }

    [Theory]
    [InlineData("{ macs: 1 }", "p.yaml(5,27): error CMP1005: 'macs' is 1; it must be greater than 0 and less than 1")]
    [InlineData("{}", "p.yaml(5,19): error CMP1006: 'factorize-budget' needs one of macs, parameters")]
    [InlineData("50%", "p.yaml(5,19): error CMP1004: 'factorize-budget' expects a mapping such as { macs: 50% }; found '50%'")]
    [InlineData("{ macs: 1/2, parameters: 1/2 }", "p.yaml(5,32): error CMP1007: 'parameters' and 'macs' exclude each other; give one of macs, parameters")]
    public void A_mistake_in_a_budget_is_reported_where_it_stands(string yaml, string message) => Assert.Equal(
        [message], PolicyYaml.Mistakes($"version: 1\nlayers:\n  - match: '*'\n    svd: budget\nfactorize-budget: {yaml}\n"));

    [Fact]
    public void A_budget_that_no_rule_draws_on_is_a_mistake() => Assert.Equal(
        ["p.yaml(5,1): error CMP1007: no rule draws on 'factorize-budget'; write 'tucker: budget' or 'svd: budget' where ranks are to come from it"],
        PolicyYaml.Mistakes("version: 1\nlayers:\n  - match: '*'\n    svd: auto\nfactorize-budget: { macs: 50% }\n"));

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
    [InlineData("svd: { rank: [8, 8] }", 18, "CMP1004: 'rank' expects a rank (32), auto, or budget; found a list")]
    [InlineData("tucker: { rank: [8] }", 21, "CMP1004: 'rank' expects a rank (32), a list of two ranks ([16, 32]), auto, or budget; found a list")]
    [InlineData("tucker: { rank: [8, 0] }", 25, "CMP1005: 'rank' is 0; it must be at least 1 and at most 2147483647")]
    [InlineData("svd: { energy: 95 }", 20, "CMP1005: 'energy' is 95; it must be greater than 0 and at most 1 (did you mean 95%?)")]
    [InlineData("svd: { speedup: 1 }", 21, "CMP1005: 'speedup' is 1; it must be greater than 1")]
    [InlineData("svd: { error: 1 }", 19, "CMP1005: 'error' is 1; it must be greater than 0 and less than 1")]
    [InlineData("svd: { error: 1%, data-aware: false }", 12, "CMP1007: 'error' is about what layers give on data; leave out 'data-aware: false'")]
    [InlineData("svd: { rank: 8, axis: rows }", 27, "CMP1005: 'axis' cannot be 'rows'; it is one of channel, spatial")]
    [InlineData("tucker: { rank: 8, axis: spatial }", 24, "CMP1003: unknown key 'axis'; 'tucker' takes rank, ratio, energy, speedup, error, round-to, data-aware")]
    [InlineData("cp: 0.5", 9, "CMP1004: 'cp' expects a rank (32), none, or a mapping with one of rank, speedup, error; found '0.5'")]
    [InlineData("cp: auto", 9, "CMP1004: 'cp' expects a rank (32), none, or a mapping with one of rank, speedup, error; found 'auto'")]
    [InlineData("cp: {}", 9, "CMP1006: 'cp' needs one of rank, speedup, error")]
    [InlineData("cp: { rank: auto }", 17, "CMP1004: 'rank' expects a rank (32); found 'auto'")]
    [InlineData("tucker: budget", 5, "CMP1006: the rank comes from a budget, and there is none; add 'factorize-budget', e.g. factorize-budget: { macs: 50% }")]
    public void A_mistake_is_reported_where_it_stands(string technique, int column, string message) =>
        Assert.Equal($"p.yaml(4,{column}): error {message}", PolicyYaml.RuleMistake(technique));
}
