using Compress.Policies;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies.Reading;

public class MatchReaderTests
{
    const string Forms = "a name with wildcards (\"/layer2/*/Conv\"), a mapping of conditions ({ op: Conv }), or a list of these";

    [Theory]
    [InlineData("\"*\"", "*")]
    [InlineData("/layer2/*/Conv", "/layer2/*/Conv")]
    [InlineData("012", "012")]
    [InlineData("{ name: a*, op: Conv }", "a*, op Conv")]
    [InlineData("{ kernel: 3x5 }", "kernel 3x5")]
    [InlineData("{ kernel: [1, 3, 3] }", "kernel 1x3x3")]
    [InlineData("{ kernel: 3 }", "kernel 3")]
    [InlineData("{ group: 2, depthwise: true, index: -2 }", "group 2, depthwise, index -2")]
    [InlineData("{ min-parameters: 5000000000, max-parameters: 5000000000 }", "at least 5000000000 parameters, at most 5000000000 parameters")]
    [InlineData("{ op: Conv, not: [a, { depthwise: true }] }", "op Conv, not (a), not (depthwise)")]
    [InlineData("[a, { op: Gemm }]", "a or op Gemm")]
    public void A_match_has_several_forms(string yaml, string meaning) =>
        Assert.Equal(meaning, PolicyYaml.Valid($"version: 1\nlayers:\n  - match: {yaml}\n    svd: 8\n").Rules[0].MatchText);

    [Theory]
    [InlineData("a", true)]
    [InlineData("a*", false)]
    [InlineData("{ index: 3 }", true)]
    [InlineData("{ op: Conv }", false)]
    public void A_literal_name_or_an_index_names_one_layer(string yaml, bool named)
    {
        LayerMatch match = PolicyYaml.Valid($"version: 1\nlayers:\n  - match: {yaml}\n    svd: 8\n").Rules[0].Matches[0];

        Assert.Equal(named, match.NamesOneLayer);
    }

    [Theory]
    [InlineData("", 11, "CMP1004: 'match' expects " + Forms + "; it has no value")]
    [InlineData("''", 12, "CMP1005: 'match' is empty; it expects a name, with * and ? as wildcards")]
    [InlineData("[]", 12, "CMP1005: 'match' is an empty list, which matches nothing; it takes " + Forms)]
    [InlineData("{}", 12, "CMP1006: 'match' holds no condition; \"*\" matches every layer")]
    [InlineData("[[a]]", 13, "CMP1004: 'match' expects " + Forms + "; found a list")]
    [InlineData("{ nmae: a }", 14, "CMP1003: unknown key 'nmae' (did you mean 'name'?); a condition takes name, op, kernel, group, depthwise, index, min-parameters, max-parameters, not")]
    [InlineData("{ kernel: 3y3 }", 22, "CMP1004: 'kernel' expects kernel sizes such as 3x3, or [3, 3]; found '3y3'")]
    [InlineData("{ kernel: [3, 0] }", 26, "CMP1005: 'kernel' is 0; it must be at least 1 and at most 2147483647")]
    [InlineData("{ group: two }", 21, "CMP1004: 'group' expects a whole number; found 'two'")]
    [InlineData("{ index: 1.5 }", 21, "CMP1004: 'index' expects a whole number; found '1.5'")]
    [InlineData("{ min-parameters: 10, max-parameters: 9 }", 50, "CMP1005: 'max-parameters' is 9; it must be at least 'min-parameters', which is 10")]
    [InlineData("{ not: {} }", 19, "CMP1006: 'not' holds no condition; \"*\" matches every layer")]
    public void A_mistake_is_reported_where_it_stands(string match, int column, string message) => Assert.Equal(
        [$"p.yaml(3,{column}): error {message}"], PolicyYaml.Mistakes($"version: 1\nlayers:\n  - match: {match}\n    svd: 8\n"));

    [Fact]
    public void A_name_has_an_end() => Assert.Equal(
        ["p.yaml(3,12): error CMP1005: 'match' is 1001 characters long; at most 1000 are legal"],
        PolicyYaml.Mistakes($"version: 1\nlayers:\n  - match: {new string('a', 1001)}\n    svd: 8\n"));
}
