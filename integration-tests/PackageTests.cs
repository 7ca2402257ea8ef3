using System.IO.Compression;
using Compress.IntegrationTests.Support;

namespace Compress.IntegrationTests;

/// <summary>What the two packages hold, and the tool as a developer installs it.</summary>
[Collection(PackagesCollection.Name)]
public sealed class PackageTests(Packages packages)
{
    static readonly string[] Natives =
    [
        "linux-arm64/native/libonnxruntime.so", "linux-arm64/native/libonnxruntime_providers_shared.so",
        "linux-x64/native/libonnxruntime.so", "linux-x64/native/libonnxruntime_providers_shared.so",
        "osx-arm64/native/libonnxruntime.dylib",
        "win-arm64/native/onnxruntime.dll", "win-arm64/native/onnxruntime_providers_shared.dll",
        "win-x64/native/onnxruntime.dll", "win-x64/native/onnxruntime_providers_shared.dll",
    ];

    [Theory]
    [InlineData("Compress.MSBuild", "tools/net10.0/")]
    [InlineData("dotnet-compress", "tools/net10.0/any/")]
    public void The_tool_in_a_package_runs_on_every_desktop_and_carries_nothing_else(string id, string root)
    {
        using var package = Open(id);
        var files = package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith(root, StringComparison.Ordinal)).ToList();

        Assert.Equal(Natives.Select(native => $"{root}runtimes/{native}"), files.Where(name => name.Contains("/runtimes/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        foreach (var needed in (string[])["dotnet-compress.dll", "dotnet-compress.deps.json", "dotnet-compress.runtimeconfig.json", "Compress.Engine.dll"])
            Assert.Contains(root + needed, files);
        Assert.DoesNotContain(files, name => Path.GetExtension(name) is ".pdb" or ".lib" or ".aar" or ".zip" or ".xml" && !name.EndsWith("DotnetToolSettings.xml", StringComparison.Ordinal));
        Assert.DoesNotContain($"{root}onnxruntime.dll", files);

        using var deps = new StreamReader(package.GetEntry($"{root}dotnet-compress.deps.json")!.Open());
        var text = deps.ReadToEnd();
        Assert.DoesNotContain(".lib\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("android", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_build_package_is_for_development_only_and_flows_nowhere()
    {
        using var package = Open("Compress.MSBuild");
        var files = package.Entries.Select(entry => entry.FullName).ToList();
        using var reader = new StreamReader(package.GetEntry("Compress.MSBuild.nuspec")!.Open());
        var specification = reader.ReadToEnd();

        Assert.Contains("build/Compress.MSBuild.props", files);
        Assert.Contains("build/Compress.MSBuild.targets", files);
        Assert.Contains("tasks/netstandard2.0/Compress.MSBuild.dll", files);
        Assert.DoesNotContain(files, name => name.StartsWith("lib/", StringComparison.Ordinal) || name.StartsWith("buildTransitive/", StringComparison.Ordinal));
        Assert.Contains("<developmentDependency>true</developmentDependency>", specification, StringComparison.Ordinal);
        Assert.DoesNotContain("<dependenc", specification, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Compress.MSBuild")]
    [InlineData("dotnet-compress")]
    public void A_package_is_small_and_says_what_it_is(string id)
    {
        Assert.InRange(new FileInfo(Path.Combine(packages.Source, $"{id}.{packages.Version}.nupkg")).Length, 1, 60_000_000);
        using var package = Open(id);
        using var reader = new StreamReader(package.GetEntry($"{id}.nuspec")!.Open());
        var specification = reader.ReadToEnd();

        foreach (var element in (string[])["<readme>README.md</readme>", "<license type=\"expression\">MIT</license>", "<description>", "<tags>"])
            Assert.Contains(element, specification, StringComparison.Ordinal);
        Assert.NotNull(package.GetEntry("README.md"));
    }

    [Fact]
    public async Task Nothing_else_in_the_solution_is_a_package()
    {
        var packable = new List<string>();
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "Build.sln")))
        {
            if (line.Split('"') is [_, _, _, _, _, var project, ..] && project.EndsWith(".csproj", StringComparison.Ordinal)
                && (await DotNet.Run(Repository.Root, "msbuild", project.Replace('\\', '/'), "-getProperty:IsPackable")).Output.Trim() == "true")
            {
                packable.Add(Path.GetFileNameWithoutExtension(project.Replace('\\', '/')));
            }
        }

        Assert.Equal(["Compress.MSBuild", "dotnet-compress"], packable.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_tool_installs_from_its_package_and_compresses()
    {
        var folder = packages.NewFolder().Copy(Repository.LeNet, "lenet.onnx").Write("compress.yaml", TestPolicies.Svd);
        (await DotNet.Run(folder.Path, "new", "tool-manifest")).Succeeded();
        (await DotNet.Run(folder.Path, "tool", "install", "dotnet-compress", "--version", packages.Version)).Succeeded();

        Assert.Contains("POLICY", (await DotNet.Run(folder.Path, "compress", "--help")).Succeeded().Output, StringComparison.Ordinal);

        (await DotNet.Run(folder.Path, "compress", "compress.yaml", "--model", "lenet.onnx", "--output", "small.onnx")).Succeeded();
        Assert.True(folder.Has("small.onnx"));
    }

    ZipArchive Open(string id) => ZipFile.OpenRead(Path.Combine(packages.Source, $"{id}.{packages.Version}.nupkg"));
}
