using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies.Reading;

public class YamlTreeTests
{
    [Fact]
    public void A_parser_that_loses_its_way_and_ends_within_a_list_is_a_mistake_like_any_other() => Assert.StartsWith(
        "p.yaml(4,1): error CMP1002: the policy is not valid YAML: it ends within", Assert.Single(PolicyYaml.Mistakes("version: 1\nlayers:\n  - : \"*\"\n    quantize: int--- 8\n")), StringComparison.Ordinal);

    [Theory]
    [InlineData("version: 1\nmodel: [a\n", 3, 1)]
    [InlineData("version: 1\nmodel: \"a\n", 2, 8)]
    [InlineData("version: 1\nmodel: \"\\uD800\"\n", 2, 8)]
    [InlineData("version: 1\nmodel: \"\\UFFFFFFFF\"\n", 2, 6)]
    [InlineData("version: 1\nlayers: [a, b\nmodel: c\n", 2, 11)]
    [InlineData("version: 1\nmodel: a: b\n", 2, 9)]
    [InlineData("version: 1\nmodel: @a\n", 2, 8)]
    public void A_syntax_error_is_reported_where_yaml_breaks(string yaml, int line, int column)
    {
        var mistake = Assert.Single(PolicyYaml.Mistakes(yaml));

        Assert.StartsWith($"p.yaml({line},{column}): error CMP1002: the policy is not valid YAML: ", mistake, StringComparison.Ordinal);
        Assert.DoesNotContain("Idx", mistake, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version: 1\n\tmodel: a\n", 2, 1)]
    [InlineData("version: 1\nlayers:\n  - match: a\n  \tprune: 4\n", 4, 3)]
    [InlineData("version: 1\nlayers:\n\t- match: a\n", 3, 1)]
    public void A_tab_that_indents_is_reported_where_it_stands(string yaml, int line, int column) => Assert.Equal(
        [$"p.yaml({line},{column}): error CMP1002: a tab cannot indent YAML; use spaces"], PolicyYaml.Mistakes(yaml));

    [Theory]
    [InlineData("*")]
    [InlineData("*conv")]
    [InlineData("*/Conv")]
    public void A_glob_without_quotes_is_told_to_take_some(string glob) => Assert.Equal(
        ["p.yaml(3,12): error CMP1002: a * without quotes starts a YAML alias, and no anchor of that name is complete before it; put names with wildcards in quotes: match: \"*\""],
        PolicyYaml.Mistakes($"version: 1\nlayers:\n  - match: {glob}\n"));

    [Fact]
    public void A_second_document_is_rejected() => Assert.Equal(
        ["p.yaml(2,1): error CMP1002: a policy is one YAML document; a second one starts here"], PolicyYaml.Mistakes("version: 1\n---\nversion: 1\n"));

    [Fact]
    public void A_tag_is_rejected() => Assert.Equal(
        ["p.yaml(2,8): error CMP1002: YAML tags such as '!path' have no meaning in a policy"], PolicyYaml.Mistakes("version: 1\nmodel: !path a.onnx\n"));

    [Fact]
    public void An_alias_stands_for_what_its_anchor_names()
    {
        var data = PolicyYaml.Valid("""
            version: 1
            data:
              calibration: &samples { npz: samples.npz, mean: &mean [0.1, 0.2] }
              evaluation: { npz: test.npz, mean: *mean }
            """).Data;

        Assert.Equal([0.1, 0.2], data.Evaluation!.Mean);
    }

    [Fact]
    public void An_alias_without_an_anchor_is_an_error() => Assert.Equal(
        ["p.yaml(2,8): error CMP1002: a * without quotes starts a YAML alias, and no anchor of that name is complete before it; put names with wildcards in quotes: match: \"*\""], PolicyYaml.Mistakes("version: 1\nmodel: *a\n"));

    [Fact]
    public void A_node_cannot_hold_itself() => Assert.Equal(
        ["p.yaml(2,13): error CMP1002: a * without quotes starts a YAML alias, and no anchor of that name is complete before it; put names with wildcards in quotes: match: \"*\""], PolicyYaml.Mistakes("version: 1\nlayers: &a [*a]\n"));

    [Fact]
    public void Aliases_that_multiply_are_stopped()
    {
        var yaml = "version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
        for (var i = 1; i < 10; i++)
            yaml += $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n";

        Assert.Equal("p.yaml(6,45): error CMP1010: the policy holds more than 100000 values once its aliases are followed", Assert.Single(PolicyYaml.Mistakes(yaml)));
    }

    [Fact]
    public void Aliases_that_nest_are_stopped()
    {
        var yaml = "version: 1\na0: &a0 x\n";
        for (var i = 1; i < 40; i++)
            yaml += $"a{i}: &a{i} [*a{i - 1}]\n";

        Assert.Equal("p.yaml(33,12): error CMP1010: the policy is nested more than 32 levels deep", Assert.Single(PolicyYaml.Mistakes(yaml)));
    }

    [Theory]
    [InlineData("[", 42)]
    [InlineData("{a: ", 132)]
    [InlineData("- ", 73)]
    public void Nesting_without_end_is_stopped(string open, int column)
    {
        var yaml = "version: 1\nlayers:\n" + new string(' ', 10) + string.Concat(Enumerable.Repeat(open, 200_000));

        Assert.Equal($"p.yaml(3,{column}): error CMP1010: the policy is nested more than 32 levels deep", Assert.Single(PolicyYaml.Mistakes(yaml)));
    }

    [Fact]
    public void Too_many_values_are_stopped() => Assert.Contains(
        "CMP1010: the policy holds more than 100000 values", Assert.Single(PolicyYaml.Mistakes("version: 1\nlayers:\n" + string.Concat(Enumerable.Repeat("- a\n", 100_001)))), StringComparison.Ordinal);
}
