using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace Compress.IntegrationTests.Support;

/// <summary>The command line as it was built, run as a process.</summary>
static class Tool
{
    /// <summary>The tool's assembly.</summary>
    public static string Path { get; } = System.IO.Path.Combine(Repository.Root, "tool", "bin",
        typeof(Tool).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration, "net10.0", "dotnet-compress.dll");

    /// <summary>Runs <c>dotnet compress</c>.</summary>
    public static Task<CommandResult> Run(string folder, params string[] arguments) => Run(folder, CancellationToken.None, arguments);

    /// <param name="folder">Where it runs.</param>
    /// <param name="interrupt">Interrupts as Ctrl+C does.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Task<CommandResult> Run(string folder, CancellationToken interrupt, params string[] arguments) =>
        DotNet.Run(folder, ["exec", Path, .. arguments], interrupt);

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

    /// <summary>Runs a policy that is given as text, and returns the report.</summary>
    public static async Task<JsonElement> Report(string policy)
    {
        var folder = Directory.CreateTempSubdirectory("compress-report-").FullName;
        try
        {
            await File.WriteAllTextAsync(System.IO.Path.Combine(folder, "compress.yaml"), policy);
            await Run(folder, "compress.yaml", "--report", ".", "--output", "out.onnx");
            using var report = JsonDocument.Parse(await File.ReadAllBytesAsync(System.IO.Path.Combine(folder, "report.json")));
            return report.RootElement.Clone();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
