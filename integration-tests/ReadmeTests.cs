using System.Text.RegularExpressions;
using Compress.IntegrationTests.Support;

namespace Compress.IntegrationTests;

/// <summary>Holds the README to what its commands do.</summary>
public partial class ReadmeTests
{
    static readonly string Readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).ReplaceLineEndings("\n");

    [Fact]
    public async Task The_first_command_prints_the_table_that_the_readme_shows()
    {
        var command = Command().Match(Readme).Groups[1].Value.Split(' ');

        var result = (await DotNet.Run(Repository.Root, [.. command.TakeWhile(word => word != "--"), "-v", "q", "--", .. command.SkipWhile(word => word != "--").Skip(1)]))
            .Succeeded();

        Assert.Equal(Shape(Block("table")), Shape(result.Output.ReplaceLineEndings("\n").Replace(Repository.Root + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_policy_in_the_readme_is_the_samples() => Assert.Equal(
        File.ReadAllText(Path.Combine(Repository.Root, "samples", "fashion-mnist", "lenet.yaml")).ReplaceLineEndings("\n").Trim(), Block("policy"));

    [Fact]
    public async Task The_annotated_example_passes_its_own_gates()
    {
        var output = Path.Combine(Path.GetTempPath(), $"compress-example-{Environment.ProcessId}.onnx");

        var result = (await Tool.Run(Repository.Root, "compress.yaml.example", "--output", output)).Succeeded();

        Assert.DoesNotContain("warning", result.Output, StringComparison.Ordinal);
        File.Delete(output);
    }

    /// <summary>The text without what differs from machine to machine: measured numbers, and the widths that they give to columns.</summary>
    static string Shape(string text) => Gap().Replace(Number().Replace(text.Trim(), "#"), " ");

    static string Block(string name) => Regex.Match(Readme, $"<!-- {name} -->\n```\\w+\n(.*?)\n```", RegexOptions.Singleline).Groups[1].Value.Trim();

    [GeneratedRegex("```sh\ndotnet (run .*)\n")]
    private static partial Regex Command();

    [GeneratedRegex(@"-?\d+(\.\d+)?[kM]?")]
    private static partial Regex Number();

    [GeneratedRegex(" +")]
    private static partial Regex Gap();
}
