using Compress.MSBuild;

namespace Compress.UnitTests.Tasks;

public sealed class ModelSizesTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("compress-sizes-").FullName;

    [Fact]
    public void Sizes_come_from_the_report()
    {
        var report = Write("report.json", """
            { "schema": 1, "before": { "path": "odd } \"bytes\": 1", "bytes": 6654888, "parameters": 1 },
              "after": { "path": "x", "bytes": 1700000 } }
            """);

        Assert.Equal("6.65 MB -> 1.70 MB (25.5%)", ModelSizes.Describe(report, "missing", "missing"));
    }

    [Fact]
    public void Without_a_report_they_come_from_the_files()
    {
        Assert.Equal("1.5 kB -> 300 B (20%)", ModelSizes.Describe(
            Path.Combine(folder, "none.json"), Write("before", new string('x', 1500)), Write("after", new string('x', 300))));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
