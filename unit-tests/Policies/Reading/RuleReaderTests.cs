using Compress.Diagnostics;
using Compress.Policies;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies.Reading;

public class RuleReaderTests
{
    [Fact]
    public void A_technique_is_mentioned_switched_off_or_left_alone()
    {
        var rule = PolicyYaml.Rule("prune: none");

        Assert.Equal(new Choice<PruneSettings>(null, new SourcePosition("p.yaml", 4, 5)), rule.Prune);
        Assert.Null(rule.Svd);
    }

    [Theory]
    [InlineData("prune")]
    [InlineData("tucker")]
    [InlineData("svd")]
    [InlineData("quantize")]
    public void Every_technique_can_be_switched_off(string technique)
    {
        var rule = PolicyYaml.Rule($"{technique}: none");

        Assert.Equal(1, new object?[] { rule.Prune, rule.Tucker, rule.Svd, rule.Quantize }.Count(choice => choice is not null));
    }

    [Fact]
    public void A_rule_must_say_which_layers_and_what_to_do() => Assert.Equal(
        [
            "p.yaml(3,5): error CMP1006: the rule does not say which layers it is for; add 'match', e.g. match: \"*\"",
            "p.yaml(4,5): error CMP1006: the rule says nothing to do; add one of prune, tucker, cp, svd, cluster, quantize",
        ],
        PolicyYaml.Mistakes("version: 1\nlayers:\n  - prune: 30%\n  - match: a\n"));
}
