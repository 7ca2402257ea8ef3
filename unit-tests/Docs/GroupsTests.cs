using Compress.UnitTests.Support;
using Compress.UnitTests.Tool;

namespace Compress.UnitTests.Docs;

/// <summary>Holds the groups of channels that docs show to what the tool prints for the sample.</summary>
public class GroupsTests
{
    const string Sample = "samples/fashion-mnist/models/fmnist-resnet.onnx";

    [Fact]
    public void The_groups_in_the_docs_are_those_of_the_sample()
    {
        var path = Repository.PathOf(Sample);
        var run = ToolRun.With(new FakeEngine { OnInspect = model => Compression.Inspect(model) }, "inspect", path, "--groups");

        var paragraphs = run.Output.Replace(path, Sample, StringComparison.Ordinal).TrimEnd().Split("\n\n").Select(Indented).ToArray();

        Assert.Equal(2, paragraphs.Length);
        Assert.Contains($"{paragraphs[0]}\n\n{paragraphs[1]}\n", Read("cli.md"));
        Assert.Contains($"{paragraphs[0]}\n", Read("pruning.md"));
    }

    static string Indented(string paragraph) => string.Join('\n', paragraph.Split('\n').Select(line => "    " + line));

    static string Read(string page) => Repository.Read("docs", page).ReplaceLineEndings("\n");
}
