using System.Text.RegularExpressions;
using Compress.Diagnostics;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Diagnostics;

public partial class CatalogueTests
{
    [Fact]
    public void The_docs_describe_every_code_by_its_title_and_no_other()
    {
        var headings = Heading().Matches(Repository.Read("docs", "diagnostics.md")).Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}: {match.Groups[3].Value}");

        Assert.Equal(Codes.All.Select(kind => $"{kind.Code} {kind.Code}: {kind.Title}"), headings);
    }

    [Fact]
    public void Codes_are_unique() => Assert.Equal(Codes.All.Count, Codes.All.DistinctBy(kind => kind.Code).Count());

    /// <summary>An anchor in lower case as GitHub makes them is not stable under a change of title, so each section has its own.</summary>
    [GeneratedRegex("""^### <a id="(CMP\d{4})"></a>(CMP\d{4}): (.+?)\r?$""", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
