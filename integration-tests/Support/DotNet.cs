using CliWrap;

namespace Compress.IntegrationTests.Support;

/// <summary>What a command printed, both streams in one, and how it ended.</summary>
sealed record CommandResult(int ExitCode, string Output)
{
    public CommandResult Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Output}");
        return this;
    }

    public CommandResult Failed()
    {
        Assert.True(ExitCode != 0, $"succeeded\n{Output}");
        return this;
    }

    /// <summary>How many models the build compressed.</summary>
    public int Compressed => Output.Split('\n').Count(line => line.TrimStart().StartsWith("Compressed ", StringComparison.Ordinal));
}

/// <summary>Runs the SDK so that it leaves no process behind.</summary>
static class DotNet
{
    static readonly Dictionary<string, string?> Environment = new()
    {
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        ["DOTNET_CLI_UI_LANGUAGE"] = "en",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_NOLOGO"] = "1",
        ["MSBUILDTERMINALLOGGER"] = "off",
        ["UseSharedCompilation"] = "false",

        // 'dotnet test' hands these on; they belong to its own MSBuild.
        ["MSBuildSDKsPath"] = null,
        ["MSBUILD_EXE_PATH"] = null,
        ["MSBuildExtensionsPath"] = null,
        ["MSBuildLoadMicrosoftTargetsReadOnly"] = null,
        ["VSTEST_HOST_DEBUG"] = null,
    };

    public static Task<CommandResult> Run(string folder, params string[] arguments) => Run(folder, arguments, CancellationToken.None);

    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">The arguments of <c>dotnet</c>.</param>
    /// <param name="interrupt">Interrupts as Ctrl+C does.</param>
    public static async Task<CommandResult> Run(string folder, IReadOnlyList<string> arguments, CancellationToken interrupt)
    {
        var output = new StringWriter();
        var lines = PipeTarget.ToDelegate(line =>
        {
            lock (output)
                output.WriteLine(line);
        });
        var command = Cli.Wrap("dotnet").WithArguments(arguments).WithWorkingDirectory(folder).WithEnvironmentVariables(Environment)
            .WithValidation(CommandResultValidation.None) | (lines, lines);
        try
        {
            var result = await command.ExecuteAsync(CancellationToken.None, interrupt);
            return new CommandResult(result.ExitCode, output.ToString());
        }
        catch (OperationCanceledException)
        {
            return new CommandResult(130, output.ToString());
        }
    }
}
