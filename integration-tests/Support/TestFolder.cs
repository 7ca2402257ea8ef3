namespace Compress.IntegrationTests.Support;

/// <summary>A folder with one or more projects, and what a developer does there.</summary>
sealed class TestFolder(string path, string version)
{
    public string Path { get; } = path;

    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    public bool Has(string relative) => File.Exists(this[relative]);

    public long Length(string relative) => new FileInfo(this[relative]).Length;

    public DateTime TimeOf(string relative) => File.GetLastWriteTimeUtc(this[relative]);

    public TestFolder Write(string relative, string text)
    {
        MakeFolderOf(relative);
        File.WriteAllText(this[relative], text);
        return this;
    }

    public TestFolder Write(string relative, byte[] bytes)
    {
        MakeFolderOf(relative);
        File.WriteAllBytes(this[relative], bytes);
        return this;
    }

    public TestFolder Copy(string file, string relative)
    {
        MakeFolderOf(relative);
        File.Copy(file, this[relative], overwrite: true);
        File.SetLastWriteTimeUtc(this[relative], DateTime.UtcNow);
        return this;
    }

    public TestFolder Replace(string relative, string old, string text)
    {
        var before = File.ReadAllText(this[relative]);
        Assert.Contains(old, before, StringComparison.Ordinal);
        return Write(relative, before.Replace(old, text, StringComparison.Ordinal));
    }

    public TestFolder Touch(string relative)
    {
        File.SetLastWriteTimeUtc(this[relative], DateTime.UtcNow);
        return this;
    }

    /// <summary>A library that compresses models.</summary>
    /// <param name="relative">The project's file.</param>
    /// <param name="items">Items, with the <c>CompressModel</c> items among them.</param>
    /// <param name="properties">Further properties.</param>
    /// <param name="frameworks">One framework, or several with semicolons.</param>
    public TestFolder Library(string relative, string items, string properties = "", string frameworks = "net10.0") =>
        Project(relative, $"""<PackageReference Include="Compress.MSBuild" Version="{version}" PrivateAssets="all" />{items}""", properties, frameworks);

    public TestFolder Project(string relative, string items, string properties = "", string frameworks = "net10.0")
    {
        var framework = frameworks.Contains(';', StringComparison.Ordinal) ? "TargetFrameworks" : "TargetFramework";
        return Write(relative, $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <{framework}>{frameworks}</{framework}>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                {items}
              </ItemGroup>
            </Project>
            """);
    }

    public Task<CommandResult> Build(params string[] arguments) => Run(["build", .. arguments]);

    /// <summary>Builds again what was restored before.</summary>
    public Task<CommandResult> Rebuild(params string[] arguments) => Run(["build", "--no-restore", .. arguments]);

    /// <summary>Runs a build command of the SDK.</summary>
    public Task<CommandResult> Run(params string[] arguments) => DotNet.Run(Path, [.. arguments, "-nodeReuse:false", "-tl:off"]);

    void MakeFolderOf(string relative) => Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[relative])!);
}
