using Compress.Tool.Output;

namespace Compress.UnitTests.Tool;

public class HumanTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.00 KB")]
    [InlineData(312_000, "312 KB")]
    [InlineData(999_499, "999 KB")]
    [InlineData(999_500, "1.00 MB")]
    [InlineData(1_234_567, "1.23 MB")]
    [InlineData(45_600_000_000, "45.6 GB")]
    public void Sizes_have_three_significant_digits(long bytes, string text) => Assert.Equal(text, Human.Bytes(bytes));

    [Theory]
    [InlineData(1.0, "100%")]
    [InlineData(0.2527, "25.3%")]
    [InlineData(0.0042, "0.420%")]
    [InlineData(0.09996, "10.0%")]
    [InlineData(1e-9, "1E-07%")]
    [InlineData(0.0, "0%")]
    [InlineData(null, "-")]
    public void Shares_are_percentages(double? share, string text) => Assert.Equal(text, Human.Percent(share));

    [Theory]
    [InlineData(100L, 25L, "-75.0%")]
    [InlineData(100L, 103L, "+3.00%")]
    [InlineData(100L, 100L, "0%")]
    [InlineData(100L, null, "-")]
    [InlineData(0L, 5L, "-")]
    public void Changes_carry_their_sign(long? before, long? after, string text) => Assert.Equal(text, Human.Change(before, after));
}
