using Compress.Diagnostics;
using Compress.Policies;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Docs;

/// <summary>Holds the figures that docs quote to benchmarks/results/figures.md, and that page to its policies.</summary>
public class FiguresTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/pruning.md")]
    [InlineData("docs/quantization.md")]
    public void Figures_in_the_docs_are_those_that_were_measured(string page)
    {
        var measured = Figures("benchmarks/results/figures.md").ToDictionary(row => row["policy"]);
        var quoted = Figures(page);

        Assert.NotEmpty(quoted);
        foreach (var (column, cell) in quoted.SelectMany(row => row.Select(entry => (entry.Key, (row["policy"], entry.Value)))))
            Assert.Equal((cell.Item1, column, measured[cell.Item1][column]), (cell.Item1, column, cell.Value));
    }

    [Fact]
    public void Every_policy_of_the_benchmarks_is_legal_and_has_its_figures()
    {
        var policies = Directory.GetFiles(Repository.PathOf("benchmarks", "policies"), "*.yaml");
        foreach (var policy in policies)
        {
            var diagnostics = new DiagnosticBag();
            var read = PolicyReader.Read(policy, diagnostics);
            Assert.Empty(diagnostics);
            Assert.True(File.Exists(read!.Resolve(read.Model!.Value)));
        }

        Assert.Equal(
            policies.Select(policy => $"`{Path.GetFileNameWithoutExtension(policy)}`").Order(StringComparer.Ordinal),
            Figures("benchmarks/results/figures.md").Select(row => row["policy"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_index_of_the_docs_lists_every_page()
    {
        var index = Repository.Read("docs", "README.md");

        Assert.All(Directory.GetFiles(Repository.PathOf("docs"), "*.md").Select(path => Path.GetFileName(path)).Where(name => name != "README.md"),
            name => Assert.Contains($"| [{name}]({name}) |", index, StringComparison.Ordinal));
    }

    /// <summary>The rows of every table whose first column is headed <c>policy</c>: cells by column.</summary>
    static List<Dictionary<string, string>> Figures(string page)
    {
        var rows = new List<Dictionary<string, string>>();
        string[] header = [];
        foreach (var line in File.ReadLines(Repository.PathOf(page)))
        {
            var cells = line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries);
            if (!line.StartsWith('|'))
                header = [];
            else if (cells[0] == "policy")
                header = cells;
            else if (header.Length > 0 && !cells[0].StartsWith('-'))
                rows.Add(header.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second));
        }

        return rows;
    }
}
