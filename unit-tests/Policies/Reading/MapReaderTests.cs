using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies.Reading;

public class MapReaderTests
{
    [Fact]
    public void A_key_given_twice_is_reported_at_the_second_place() => Assert.Equal(
        ["p.yaml(3,1): error CMP1007: 'model' is given twice; the first one stands in line 2"],
        PolicyYaml.Mistakes("version: 1\nmodel: a.onnx\nmodel: b.onnx\n"));

    [Fact]
    public void A_key_that_resembles_nothing_gets_no_suggestion() => Assert.Equal(
        ["p.yaml(2,1): error CMP1003: unknown key 'colour'; a policy takes version, model, output, data, layers, factorize-budget, gates"],
        PolicyYaml.Mistakes("version: 1\ncolour: red\n"));

    [Fact]
    public void A_key_that_is_no_text_is_reported() => Assert.Equal(
        ["p.yaml(2,1): error CMP1004: a key must be text; a policy takes version, model, output, data, layers, factorize-budget, gates"],
        PolicyYaml.Mistakes("version: 1\n[a]: b\n"));

    [Fact]
    public void A_long_key_is_shortened_and_kept_on_one_line()
    {
        var mistake = Assert.Single(PolicyYaml.Mistakes($"version: 1\n\"a\\nb{new string('x', 500)}\": b\n"));

        Assert.StartsWith($"p.yaml(2,1): error CMP1003: unknown key 'a b{new string('x', 57)}…';", mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_that_exclude_each_other_are_reported_at_the_later_one() => Assert.Equal(
        "p.yaml(4,24): error CMP1007: 'energy' and 'rank' exclude each other; give one of rank, ratio, energy, speedup, error",
        PolicyYaml.RuleMistake("tucker: { rank: 8, energy: 95% }"));

    [Fact]
    public void A_key_that_does_not_go_with_another_hides_no_other_mistake() => Assert.Equal(
        [
            "p.yaml(3,32): error CMP1007: 'labels' has no meaning for random data",
            "p.yaml(3,49): error CMP1004: 'take' expects a whole number; found 'many'",
        ],
        PolicyYaml.Mistakes("version: 1\ndata:\n  calibration: { random: true, labels: l, take: many }\n"));
}
