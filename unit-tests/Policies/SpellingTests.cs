using Compress.Policies;

namespace Compress.UnitTests.Policies;

public class SpellingTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("verison", "version", 1)]
    [InlineData("Prune", "prune", 0)]
    public void The_distance_counts_letters_inserted_deleted_replaced_or_swapped(string left, string right, int distance)
    {
        Assert.Equal(distance, Spelling.Distance(left, right));
        Assert.Equal(distance, Spelling.Distance(right, left));
    }

    [Fact]
    public void Only_a_word_that_is_close_is_suggested()
    {
        string[] words = ["match", "prune", "tucker", "svd"];

        Assert.Equal("prune", Spelling.Closest("prun", words));
        Assert.Equal("svd", Spelling.Closest("sdv", words));
        Assert.Null(Spelling.Closest("colour", words));
    }
}
