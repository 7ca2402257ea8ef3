using Compress.Diagnostics;
using Compress.Policies;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies;

public class PolicyReaderTests
{
    [Fact]
    public void A_policy_becomes_its_sections_with_their_places()
    {
        var policy = PolicyYaml.Valid("""
            version: 1
            model: net.onnx
            output: small.onnx
            data:
              calibration: { npz: samples.npz }
            layers:
              - match: "*"
                quantize: int8
            gates:
              size: { max: 35% }
            """);

        Assert.Equal(new Located<string>("net.onnx", new SourcePosition("p.yaml", 2, 8)), policy.Model);
        Assert.Equal(new Located<string>("small.onnx", new SourcePosition("p.yaml", 3, 9)), policy.Output);
        Assert.Equal(new SourcePosition("p.yaml", 5, 3), policy.Data.Calibration!.Position);
        Assert.Null(policy.Data.Evaluation);
        Assert.Equal(new SourcePosition("p.yaml", 7, 5), policy.Rules[0].Position);
        Assert.Equal(new Gate("size", new SourcePosition("p.yaml", 10, 3), Max: 0.35), policy.Gates[0]);
    }

    [Fact]
    public void A_policy_may_hold_its_version_alone()
    {
        var policy = PolicyYaml.Valid("version: 1");

        Assert.Null(policy.Model);
        Assert.Empty(policy.Rules);
        Assert.Empty(policy.Gates);
    }

    [Fact]
    public void A_byte_order_mark_does_no_harm() => PolicyYaml.Valid("\uFEFFversion: 1\r\nmodel: a.onnx\r\n");

    [Fact]
    public void Several_mistakes_are_reported_in_one_go_in_the_order_of_the_file() => Assert.Equal(
        [
            "p.yaml(3,1): error CMP1003: unknown key 'gate' (did you mean 'gates'?); a policy takes version, model, output, data, layers, factorize-budget, gates",
            "p.yaml(5,5): error CMP1003: unknown key 'prun' (did you mean 'prune'?); a rule takes match, prune, tucker, cp, svd, cluster, quantize",
            "p.yaml(6,11): error CMP1004: 'match' expects a name with wildcards (\"/layer2/*/Conv\"), a mapping of conditions ({ op: Conv }), or a list of these; it has no value",
            "p.yaml(7,12): error CMP1005: 'prune' is 140%; it must be at least 0 and less than 1",
        ],
        PolicyYaml.Mistakes("""
            version: 1
            model: net.onnx
            gate: { size: { max: 35% } }
            layers:
              - prun: 30%
                match:
                prune: 140%
            """));

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("---\n...\n")]
    public void An_empty_policy_is_told_how_to_start(string yaml) => Assert.Equal(
        ["p.yaml(1,1): error CMP1006: the policy is empty; it starts with 'version: 1'"], PolicyYaml.Mistakes(yaml));

    [Theory]
    [InlineData("- version: 1\n")]
    [InlineData("version 1\n")]
    public void A_policy_that_is_no_mapping_is_rejected(string yaml) => Assert.Equal(
        ["p.yaml(1,1): error CMP1004: a policy is a mapping of version, model, output, data, layers, factorize-budget, gates; it starts with 'version: 1'"],
        PolicyYaml.Mistakes(yaml));

    [Fact]
    public void A_policy_without_a_version_is_told_to_add_it() => Assert.Equal(
        ["p.yaml(2,1): error CMP1006: the policy names no version; add 'version: 1' as its first line"],
        PolicyYaml.Mistakes("# a comment\nmodel: net.onnx\n"));

    [Fact]
    public void A_misspelt_version_is_one_mistake() => Assert.Equal(
        ["p.yaml(1,1): error CMP1003: unknown key 'verison' (did you mean 'version'?); a policy takes version, model, output, data, layers, factorize-budget, gates"],
        PolicyYaml.Mistakes("verison: 1\n"));

    [Fact]
    public void Of_a_policy_of_another_version_nothing_else_is_judged() => Assert.Equal(
        ["p.yaml(2,10): error CMP1009: the policy has version 2; this version of Compress reads version 1"],
        PolicyYaml.Mistakes("future: true\nversion: 2\nlayers: 5\n"));

    [Theory]
    [InlineData("one", "'version' expects a whole number; found 'one'")]
    [InlineData("\"1\"", "'version' expects a whole number; found '1'")]
    [InlineData("1.5", "'version' expects a whole number; found '1.5'")]
    [InlineData("[1]", "'version' expects a whole number; found a list")]
    public void A_version_is_a_number(string version, string message) => Assert.Equal(
        [$"p.yaml(1,10): error CMP1004: {message}"], PolicyYaml.Mistakes($"version: {version}\n"));

    [Theory]
    [InlineData("distill")]
    [InlineData("fine-tune")]
    public void A_section_that_is_not_built_yet_is_said_not_to_be_supported(string key) => Assert.Equal(
        [$"p.yaml(2,1): error CMP1003: '{key}' is not supported by this version; a policy takes version, model, output, data, layers, factorize-budget, gates"],
        PolicyYaml.Mistakes($"version: 1\n{key}: {{ epochs: 2 }}\n"));

    [Theory]
    [InlineData("model: [a]", 8, "CMP1004: 'model' expects a path; found a list")]
    [InlineData("model: {a: b}", 8, "CMP1004: 'model' expects a path; found a mapping")]
    [InlineData("model:", 7, "CMP1004: 'model' expects a path; it has no value")]
    [InlineData("model: ''", 8, "CMP1005: 'model' is empty; it expects a path")]
    [InlineData("model: \"a\\0b\"", 8, "CMP1005: 'model' holds a control character or a line break: 'a b'")]
    [InlineData("layers: {}", 9, "CMP1004: 'layers' expects a list of rules, each starting with '- match:'; found a mapping")]
    [InlineData("layers: [a]", 10, "CMP1004: 'layers' expects a list of rules, each starting with '- match:'; found 'a'")]
    [InlineData("data: 5", 7, "CMP1004: 'data' expects a mapping of calibration and evaluation; found '5'")]
    [InlineData("gates: []", 8, "CMP1004: 'gates' expects a mapping of metrics to limits, e.g. { size: { max: 35% } }; found a list")]
    public void A_value_of_the_wrong_type_is_reported_where_it_stands(string line, int column, string message) => Assert.Equal(
        [$"p.yaml(2,{column}): error {message}"], PolicyYaml.Mistakes($"version: 1\n{line}\n"));

    [Fact]
    public void Earlier_diagnostics_do_not_spoil_a_good_policy()
    {
        var diagnostics = new DiagnosticBag { Codes.CannotWrite.At(null, "before") };

        Assert.NotNull(PolicyReader.Parse("version: 1", "p.yaml", diagnostics));
    }
}
