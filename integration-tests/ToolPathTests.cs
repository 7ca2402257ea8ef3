using System.Diagnostics;
using System.Globalization;
using Compress.IntegrationTests.Support;

namespace Compress.IntegrationTests;

/// <summary>Another tool in place of the package's, which here are scripts that misbehave.</summary>
[Collection(PackagesCollection.Name)]
public sealed class ToolPathTests(Packages packages)
{
    readonly TestFolder folder = packages.NewFolder();

    [Fact]
    public async Task A_tool_that_fails_without_a_word_is_an_error_with_a_code()
    {
        if (OperatingSystem.IsWindows())
            return;

        UseTool("echo no diagnostic >&2; exit 3");
        var result = (await folder.Build("-v:n")).Failed();

        Assert.Contains("lenet.onnx : error CMP6006: the tool ended with exit code 3", result.Output, StringComparison.Ordinal);
        Assert.Contains("no diagnostic", result.Output, StringComparison.Ordinal);

        UseTool("exit 0");
        Assert.Contains("error CMP6006: the tool ended well but did not write", (await folder.Rebuild()).Failed().Output, StringComparison.Ordinal);

        folder.Replace("Lib.csproj", "tool.sh", "nowhere.dll");
        Assert.Contains("nowhere.dll' does not exist", (await folder.Rebuild()).Failed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupting_the_build_ends_the_tool()
    {
        if (OperatingSystem.IsWindows())
            return;

        UseTool("echo $$ > pid.new; mv pid.new pid; trap '' INT; while true; do sleep 0.1; done");
        (await folder.Run("restore")).Succeeded();
        using var interrupt = new CancellationTokenSource();
        var build = DotNet.Run(folder.Path, ["build", "--no-restore", "-nodeReuse:false", "-tl:off"], interrupt.Token);
        for (var wait = 0; wait < 600 && !folder.Has("pid") && !build.IsCompleted; wait++)
            await Task.Delay(100);
        var id = int.Parse(await File.ReadAllTextAsync(folder["pid"]), CultureInfo.InvariantCulture);

        await interrupt.CancelAsync();
        var output = (await build).Failed().Output;

        Assert.DoesNotContain("CMP6006", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Process.GetProcesses(), process => process.Id == id);
        Assert.False(folder.Has("obj/Debug/net10.0/compressed/lenet.onnx"));
    }

    void UseTool(string script)
    {
        folder.Write("tool.sh", "#!/bin/sh\n" + script + "\n")
            .Library("Lib.csproj", """<CompressModel Include="lenet.onnx" />""", "<CompressToolPath>tool.sh</CompressToolPath>")
            .Copy(Repository.LeNet, "lenet.onnx").Write("compress.yaml", TestPolicies.Svd);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder["tool.sh"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
