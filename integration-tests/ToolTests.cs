using System.Text.Json;
using Compress.IntegrationTests.Support;

namespace Compress.IntegrationTests;

/// <summary>The command line as a process: streams, exit codes, signals.</summary>
public sealed class ToolTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("compress-tool-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_failed_gate_is_exit_code_2_with_a_diagnostic_at_its_line()
    {
        Write("version: 1\ndata: { calibration: { random: 4 } }\nlayers: [{ match: '*', quantize: int8 }]\ngates:\n  size: { max: 10% }\n");

        var result = await Tool.Run(folder, "--model", Repository.ResNet, "--output", "out.onnx");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("compress.yaml(5,3): error CMP5001: size is 29.", result.Output, StringComparison.Ordinal);
        Assert.Contains("out.rejected.onnx", result.Output, StringComparison.Ordinal);
        Assert.Equal(["compress.yaml", "out.rejected.onnx"], Names());
    }

    [Fact]
    public async Task Bad_input_is_exit_code_1_and_never_a_stack_trace()
    {
        Write("version: 1\nlayers: [{ match: '*', quantise: int8 }]\n");

        var result = await Tool.Run(folder, "--model", Repository.ResNet);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("compress.yaml(2,24): error CMP1003: unknown key 'quantise'", result.Output, StringComparison.Ordinal);
        Assert.Contains("did you mean 'quantize'?", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_one_document_that_says_what_the_table_says()
    {
        Write("version: 1\nlayers: [{ match: { op: Gemm }, svd: { rank: 8 } }]\n");

        var result = (await Tool.Run(folder, "--model", Repository.LeNet, "--output", "out.onnx", "--format", "json", "-v", "q")).Succeeded();

        using var report = JsonDocument.Parse(result.Output);
        Assert.Equal("passed", report.RootElement.GetProperty("verdict").GetString());
        Assert.Equal(new FileInfo(Path.Combine(folder, "out.onnx")).Length, report.RootElement.GetProperty("after").GetProperty("bytes").GetInt64());
    }

    [Fact]
    public async Task An_interrupt_ends_the_run_with_exit_code_130_and_nothing_written()
    {
        if (OperatingSystem.IsWindows())
            return;

        // So many samples that the run is still at work when the interrupt comes.
        Write("version: 1\ndata: { calibration: { random: 100000 } }\nlayers: [{ match: '*', quantize: int8 }]\n");
        using var interrupt = new CancellationTokenSource(TimeSpan.FromSeconds(4));

        var result = await Tool.Run(folder, interrupt.Token, "--model", Repository.ResNet, "--output", "out.onnx");

        Assert.Equal(130, result.ExitCode);
        Assert.Contains("CMP6003", result.Output, StringComparison.Ordinal);
        Assert.Equal(["compress.yaml"], Names());
    }

    [Fact]
    public async Task An_output_folder_that_cannot_be_written_is_a_diagnostic()
    {
        Write("version: 1\nlayers: [{ match: { op: Gemm }, svd: { rank: 8 } }]\n");

        var result = await Tool.Run(folder, "--model", Repository.LeNet, "--output", "/proc/nowhere/out.onnx");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("error CMP6001: cannot write the file", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_runs_on_one_output_leave_one_whole_model()
    {
        Write("version: 1\ndata: { calibration: { random: 16 } }\nlayers: [{ match: '*', quantize: int8 }]\n");
        string[] arguments = ["--model", Repository.ResNet, "--output", "out.onnx"];

        var results = await Task.WhenAll(Tool.Run(folder, arguments), Tool.Run(folder, arguments));

        Assert.All(results, result => result.Succeeded());
        Assert.Equal(["compress.yaml", "out.onnx"], Names());
        (await Tool.Run(folder, "inspect", "out.onnx")).Succeeded();
    }

    void Write(string policy) => File.WriteAllText(Path.Combine(folder, "compress.yaml"), policy);

    string[] Names() => [.. Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];
}
