using System.Text.RegularExpressions;
using Compress.UnitTests.Support;

namespace Compress.UnitTests;

/// <summary>Holds the engine to its floors: a folder uses those above it in the list, never those below.</summary>
public partial class ArchitectureTests
{
    static readonly string[][] Floors =
    [
        ["Diagnostics"],
        ["Models", "Numerics"],
        ["Layers"],
        ["Policies"],
        ["Data"],
        ["Execution"],
        ["Techniques", "Rewriting"],
        ["Regression"],
        ["Pruning", "Factorization", "Clustering", "Quantization", "Verification"],
        ["Evaluation"],
        ["Reporting"],
    ];

    [Fact]
    public void A_folder_of_the_engine_uses_only_floors_beneath_it()
    {
        var wrong = new List<string>();
        foreach (var (floor, folders) in Floors.Index())
        {
            var allowed = Floors.Take(floor).SelectMany(names => names).ToHashSet();
            foreach (var folder in folders)
            {
                var files = Directory.GetFiles(Repository.PathOf("engine", folder), "*.cs", SearchOption.AllDirectories);
                Assert.NotEmpty(files);
                wrong.AddRange(files.SelectMany(file => Using().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)
                    .Where(used => used != folder && used != "Onnx" && !allowed.Contains(used)).Select(used => $"{folder}/{Path.GetFileName(file)} uses {used}")));
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_folder_of_the_engine_has_a_floor() => Assert.Equal(
        Floors.SelectMany(names => names).Order(),
        Directory.GetDirectories(Repository.PathOf("engine")).Select(path => Path.GetFileName(path)).Where(name => name is not "bin" and not "obj").Order());

    [GeneratedRegex(@"(?:^using (?:static )?|[ (<])Compress\.(\w+)[.;]", RegexOptions.Multiline)]
    private static partial Regex Using();
}
