using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies.Reading;

public class ClusterReaderTests
{
    [Theory]
    [InlineData("32", "32 values")]
    [InlineData("{ bits: 5 }", "32 values")]
    [InlineData("{ centroids: 12, init: k-means++, groups: 4 }", "12 values, k-means++, 4 groups")]
    public void Weights_share_a_number_of_values(string yaml, string meaning) =>
        Assert.Equal(meaning, PolicyYaml.Rule($"cluster: {yaml}").Cluster!.Settings!.ToString());

    [Theory]
    [InlineData("1", 14, "CMP1005: 'cluster' is 1; it must be at least 2 and at most 256")]
    [InlineData("half", 14, "CMP1004: 'cluster' expects a number of values (32), none, or a mapping such as { bits: 5 }; found 'half'")]
    [InlineData("{ bits: 9 }", 22, "CMP1005: 'bits' is 9; it must be at least 1 and at most 8")]
    [InlineData("{ init: linear }", 14, "CMP1006: 'cluster' needs one of centroids, bits")]
    [InlineData("{ bits: 7, groups: 3 }", 33, "CMP1005: 3 groups of 128 values are 384; at most 256 are legal")]
    public void A_mistake_is_reported_where_it_stands(string yaml, int column, string message) =>
        Assert.Equal($"p.yaml(4,{column}): error {message}", PolicyYaml.RuleMistake($"cluster: {yaml}"));
}
