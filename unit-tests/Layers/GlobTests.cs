using Compress.Layers;

namespace Compress.UnitTests.Layers;

public class GlobTests
{
    [Theory]
    [InlineData("*", "", true)]
    [InlineData("*", "/any/thing", true)]
    [InlineData("/layer2/*/Conv", "/layer2/0/Conv", true)]
    [InlineData("/layer2/*/Conv", "/layer2/0/conv1/Conv", true)]
    [InlineData("/layer2/*/Conv", "/layer2/Conv", false)]
    [InlineData("/layer2/*/Conv", "/layer2/0/Conv_1", false)]
    [InlineData("conv?", "conv1", true)]
    [InlineData("conv?", "conv", false)]
    [InlineData("conv?", "conv12", false)]
    [InlineData("Conv", "conv", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("a[b]+(c)|d", "a[b]+(c)|d", true)]
    [InlineData("$^\\", "$^\\", true)]
    [InlineData("a*", "a\nb", true)]
    [InlineData("a", "a\n", false)]
    public void A_star_stands_for_any_run_and_a_question_mark_for_one_character(string pattern, string name, bool matches) =>
        Assert.Equal(matches, new Glob(pattern).Matches(name));

    [Theory]
    [InlineData("/conv1/Conv", true)]
    [InlineData("/conv?/Conv", false)]
    [InlineData("*", false)]
    public void A_pattern_without_wildcards_names_one_thing(string pattern, bool literal) =>
        Assert.Equal(literal, new Glob(pattern).IsLiteral);

    [Fact(Timeout = 20_000)]
    public Task A_pattern_of_many_stars_does_not_hang() => Task.Run(() =>
        Assert.False(new Glob(string.Concat(Enumerable.Repeat("*a", 200)) + "b").Matches(new string('a', 5000))));
}
