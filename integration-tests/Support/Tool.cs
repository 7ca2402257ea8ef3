using System.Diagnostics;

namespace Compress.IntegrationTests.Support;

/// <summary>The tool as it was built with the tests, in a process of its own.</summary>
static class Tool
{
    static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string Path { get; } = System.IO.Path.Combine(Repository.Root, "tool", "bin", Configuration, "net10.0", "dotnet-compress.dll");

    public static Task<CommandResult> Run(string folder, params string[] arguments) => DotNet.Run(folder, ["exec", Path, .. arguments]);

    /// <summary>Starts the tool; what it prints is thrown away.</summary>
    public static Process Start(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path, "--verbosity", "quiet", .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
