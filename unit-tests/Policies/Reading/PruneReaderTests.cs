using Compress.Policies;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies.Reading;

public class PruneReaderTests
{
    const string Legal = "'prune' takes filters, channels, kernel, pattern, weights, vectors, kernels, n-m, by, scope, round-to, keep-at-least, reconstruct";

    [Theory]
    [InlineData("40%", 0.4)]
    [InlineData("\"40%\"", 0.4)]
    [InlineData("0.4", 0.4)]
    [InlineData("2/5", 0.4)]
    [InlineData("0", 0)]
    [InlineData("12.5%", 0.125)]
    public void A_share_alone_is_the_share_of_filters(string yaml, double filters) =>
        Assert.Equal(new PruneSettings(filters), PolicyYaml.Rule($"prune: {yaml}").Prune!.Settings);

    [Fact]
    public void A_mapping_sets_the_rest() => Assert.Equal(
        new PruneSettings(0.3, PruneCriterion.L2, 8, 16, false),
        PolicyYaml.Rule("prune: { filters: 30%, by: l2, round-to: 8, keep-at-least: 16, reconstruct: false }").Prune!.Settings);

    [Theory]
    [InlineData("kernel: 2x3", "kernel 2x3 by l1")]
    [InlineData("kernel: [1, 3, 3]", "kernel 1x3x3 by l1")]
    [InlineData("kernel: 2", "kernel 2 by l1")]
    [InlineData("pattern: 5, by: l2", "pattern 5 by l2")]
    [InlineData("weights: 80%, scope: global, reconstruct: false", "weights 80% by l1, global, no reconstruction")]
    [InlineData("vectors: 1/2, by: random", "vectors 50% by random")]
    [InlineData("kernels: 0.5, scope: layer, reconstruct: true", "kernels 50% by l1, reconstruct")]
    [InlineData("n-m: 2:4", "n-m 2:4 by l1")]
    [InlineData("n-m: '1:16'", "n-m 1:16 by l1")]
    public void A_form_within_weights_switches_filters_off(string yaml, string meaning)
    {
        var rule = PolicyYaml.Rule($"prune: {{ {yaml} }}");

        Assert.Equal(meaning, rule.PruneWeights!.Settings!.ToString());
        Assert.Null(rule.Prune!.Settings);
        Assert.Null(PolicyYaml.Rule("prune: 40%").PruneWeights!.Settings);
        Assert.Null(PolicyYaml.Rule("prune: none").PruneWeights!.Settings);
        Assert.Null(PolicyYaml.Rule("svd: 8").PruneWeights);
    }

    [Fact]
    public void Filters_and_a_form_within_weights_share_what_both_take()
    {
        var rule = PolicyYaml.Rule("prune: { filters: 30%, round-to: 8, weights: 80%, by: l2, scope: global, reconstruct: false }");

        Assert.Equal(new PruneSettings(0.3, PruneCriterion.L2, 8, Reconstruct: false, Scope: PruneScope.Global), rule.Prune!.Settings);
        Assert.Equal(new WeightPruneSettings(new ZeroShare(WeightUnit.Weight, 0.8), PruneCriterion.L2, PruneScope.Global, false), rule.PruneWeights!.Settings);
    }

    [Theory]
    [InlineData("{ kernel: 3y3 }", 22, "CMP1004: 'kernel' expects kernel sizes such as 3x3, or [3, 3]; found '3y3'")]
    [InlineData("{ pattern: 0 }", 23, "CMP1005: 'pattern' is 0; it must be at least 1 and at most 2147483647")]
    [InlineData("{ weights: 100% }", 23, "CMP1005: 'weights' is 100%; it must be at least 0 and less than 1")]
    [InlineData("{ weights: 80 }", 23, "CMP1005: 'weights' is 80; it must be at least 0 and less than 1 (did you mean 80%?)")]
    [InlineData("{ n-m: 4:2 }", 19, "CMP1005: 'n-m' is 4:2; the first number is at least 1, and the second greater than the first and at most 1024")]
    [InlineData("{ n-m: 0:4 }", 19, "CMP1005: 'n-m' is 0:4; the first number is at least 1, and the second greater than the first and at most 1024")]
    [InlineData("{ n-m: 124 }", 19, "CMP1004: 'n-m' expects how many weights stay of how many, e.g. 2:4; found '124'")]
    [InlineData("{ weights: 80%, pattern: 5 }", 28, "CMP1007: 'pattern' and 'weights' exclude each other; give one of kernel, pattern, weights, vectors, kernels, n-m")]
    [InlineData("{ pattern: 5, scope: global }", 26, "CMP1007: 'scope' is for shares of filters or weights; add 'filters', 'weights', 'vectors' or 'kernels', or leave it out")]
    [InlineData("{ weights: 80%, round-to: 8 }", 28, "CMP1007: 'round-to' is for filters; add 'filters', or leave it out")]
    [InlineData("{ filters: 30%, weights: 80%, by: fpgm }", 46, "CMP1005: 'by: fpgm' ranks filters alone; weights go by l1, l2, random")]
    [InlineData("{ channels: 30%, weights: 80% }", 29, "CMP1007: 'weights' is about filters or weights, and 'channels' is about what a layer reads")]
    [InlineData("{ scope: global }", 12, "CMP1006: 'prune' does not say how much; add 'filters', e.g. filters: 40%, or 'channels'")]
    public void A_mistake_in_a_form_within_weights_is_reported_where_it_stands(string prune, int column, string message) =>
        Assert.Equal($"p.yaml(4,{column}): error {message}", PolicyYaml.RuleMistake($"prune: {prune}"));

    [Theory]
    [InlineData("l1", PruneCriterion.L1)]
    [InlineData("fpgm", PruneCriterion.Fpgm)]
    [InlineData("bn-gamma", PruneCriterion.BatchNormGamma)]
    [InlineData("apoz", PruneCriterion.Apoz)]
    [InlineData("random", PruneCriterion.Random)]
    public void Filters_go_by_any_of_their_criteria_and_in_any_scope(string by, PruneCriterion criterion) => Assert.Equal(
        new PruneSettings(0.3, criterion, Scope: PruneScope.Global), PolicyYaml.Rule($"prune: {{ filters: 30%, by: {by}, scope: global }}").Prune!.Settings);

    [Fact]
    public void Input_channels_go_by_lasso() => Assert.Equal(
        new PruneSettings(0, PruneCriterion.Lasso, KeepAtLeast: 2, Channels: 0.5), PolicyYaml.Rule("prune: { channels: 1/2, by: lasso, keep-at-least: 2 }").Prune!.Settings);

    [Theory]
    [InlineData("many", 12, "CMP1004: 'prune' expects a share of filters (40%), none, or a mapping with 'filters' or 'channels'; found 'many'")]
    [InlineData("", 11, "CMP1004: 'prune' expects a share of filters (40%), none, or a mapping with 'filters' or 'channels'; it has no value")]
    [InlineData("[1]", 12, "CMP1004: 'prune' expects a share of filters (40%), none, or a mapping with 'filters' or 'channels'; found a list")]
    [InlineData("40", 12, "CMP1005: 'prune' is 40; it must be at least 0 and less than 1 (did you mean 40%?)")]
    [InlineData("100%", 12, "CMP1005: 'prune' is 100%; it must be at least 0 and less than 1")]
    [InlineData("-0.1", 12, "CMP1005: 'prune' is -0.1; it must be at least 0 and less than 1")]
    [InlineData("{ by: l1 }", 12, "CMP1006: 'prune' does not say how much; add 'filters', e.g. filters: 40%, or 'channels'")]
    [InlineData("{ filter: 40% }", 14, "CMP1003: unknown key 'filter' (did you mean 'filters'?); " + Legal)]
    [InlineData("{ channels: 40%, filters: 40% }", 29, "CMP1007: 'filters' is about filters or weights, and 'channels' is about what a layer reads")]
    [InlineData("{ channels: 40%, scope: global }", 29, "CMP1007: 'scope' is about filters or weights, and 'channels' is about what a layer reads")]
    [InlineData("{ filters: 40%, scope: model }", 35, "CMP1005: 'scope' cannot be 'model'; it is one of layer, global")]
    [InlineData("{ filters: 40%, by: l3 }", 32, "CMP1005: 'by' cannot be 'l3' (did you mean 'l1'?); it is one of l1, l2, fpgm, bn-gamma, apoz, random")]
    [InlineData("{ filters: 40%, by: lasso }", 32, "CMP1005: 'by: lasso' ranks input channels alone; filters go by l1, l2, fpgm, bn-gamma, apoz, random")]
    [InlineData("{ channels: 40%, by: fpgm }", 33, "CMP1005: 'by: fpgm' ranks filters alone; input channels go by l1, l2, lasso, random")]
    [InlineData("{ filters: 40%, by: taylor }", 32, "CMP1005: 'by: taylor' needs gradients on training data, which this version does not compute; it supports l1, l2, fpgm, bn-gamma, apoz, random")]
    [InlineData("{ channels: 40%, by: obd }", 33, "CMP1005: 'by: obd' needs gradients on training data, which this version does not compute; it supports l1, l2, lasso, random")]
    [InlineData("{ filters: 40%, round-to: 0 }", 38, "CMP1005: 'round-to' is 0; it must be at least 1 and at most 2147483647")]
    [InlineData("{ filters: 40%, keep-at-least: 10% }", 43, "CMP1004: 'keep-at-least' expects a whole number; found '10%'")]
    public void A_mistake_is_reported_where_it_stands(string prune, int column, string message) =>
        Assert.Equal($"p.yaml(4,{column}): error {message}", PolicyYaml.RuleMistake($"prune: {prune}"));

    [Theory]
    [InlineData("steps")]
    public void A_form_that_is_not_built_yet_is_one_mistake(string key) => Assert.Equal(
        $"p.yaml(4,14): error CMP1003: '{key}' is not supported by this version; {Legal}", PolicyYaml.RuleMistake($"prune: {{ {key}: 2 }}"));
}
