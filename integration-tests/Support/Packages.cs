namespace Compress.IntegrationTests.Support;

/// <summary>
/// Both packages, packed once, and a folder for projects that restore them. Versions are unique and the folder has a package
/// cache of its own, with the machine's as fallback: nothing is downloaded again, and the machine's cache stays as it is.
/// </summary>
public sealed class Packages : IAsyncLifetime
{
    int projects;

    public string Folder { get; } = Directory.CreateTempSubdirectory("compress-tests-").FullName;

    public string Version { get; } = $"0.0.1-test.{DateTime.UtcNow:yyyyMMddHHmmss}.{Environment.ProcessId}";

    public string Source => Path.Combine(Folder, "source");

    public async Task InitializeAsync()
    {
        foreach (var project in (string[])["tool/dotnet-compress.csproj", "tasks/Compress.MSBuild.csproj"])
        {
            var packed = await DotNet.Run(
                Repository.Root, "pack", project, "-o", Source, "-c", "Release", "--no-restore", "-v:q", "-nodeReuse:false", $"-p:PackageVersion={Version}");
            packed.Succeeded();
        }

        var machine = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set
            ? set : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Write("NuGet.config", $"""
            <configuration>
              <packageSources><add key="compress-tests" value="{Source}" /></packageSources>
              <fallbackPackageFolders>{(Directory.Exists(machine) ? $"<add key=\"machine\" value=\"{machine}\" />" : "")}</fallbackPackageFolders>
              <config><add key="globalPackagesFolder" value="{Path.Combine(Folder, "cache")}" /></config>
            </configuration>
            """);
        Write("Directory.Build.props", """
            <Project>
              <PropertyGroup>
                <UseSharedCompilation>false</UseSharedCompilation>
                <NuGetAudit>false</NuGetAudit>
                <LangVersion>latest</LangVersion>
              </PropertyGroup>
            </Project>
            """);
        foreach (var name in (string[])["Directory.Build.targets", "Directory.Packages.props"])
            Write(name, "<Project />");
    }

    public Task DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>A fresh folder that restores the packages.</summary>
    /// <param name="name">A name for the folder; it need not be unique.</param>
    internal TestFolder NewFolder(string name = "work")
    {
        var path = Path.Combine(Folder, $"{Interlocked.Increment(ref projects)}", name);
        return new TestFolder(Directory.CreateDirectory(path).FullName, Version);
    }

    void Write(string name, string text) => File.WriteAllText(Path.Combine(Folder, name), text);
}

/// <summary>Tests that share the packages run one after another: each build already uses every core.</summary>
[CollectionDefinition(Name)]
#pragma warning disable CA1711 // xunit's word for it
public sealed class PackagesCollection : ICollectionFixture<Packages>
#pragma warning restore CA1711
{
    public const string Name = "packages";
}
