using System.Diagnostics;
using Compress.Diagnostics;
using Compress.MSBuild;

namespace Compress.UnitTests.Tasks;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "\"\"")]
    [InlineData("with space", "\"with space\"")]
    [InlineData(@"C:\models\x.onnx", @"C:\models\x.onnx")]
    [InlineData(@"C:\my models\", "\"C:\\my models\\\\\"")]
    [InlineData("say \"hi\"", "\"say \\\"hi\\\"\"")]
    [InlineData("a\\\"b", "\"a\\\\\\\"b\"")]
    public void Arguments_are_quoted_so_that_the_process_gets_them_back(string argument, string quoted)
    {
        Assert.Equal(quoted, Arguments.Join([argument]));
    }

    [Fact]
    public void A_process_gets_back_what_was_joined()
    {
        if (OperatingSystem.IsWindows())
            return;
        string[] arguments = ["%s|", "a b", "\\", "c\\\\\"d", "'", "é;$x", ""];
        using var process = Process.Start(new ProcessStartInfo("printf", Arguments.Join(arguments)) { RedirectStandardOutput = true })!;

        Assert.Equal(string.Join("|", arguments.Skip(1)) + "|", process.StandardOutput.ReadToEnd());
    }

    [Fact]
    public void Codes_of_the_tasks_are_in_the_catalogue()
    {
        Assert.Equal(
            [Codes.PolicyNotFound.Code, Codes.ModelNotFound.Code, Codes.GateFailed.Code, Codes.CannotWrite.Code, Codes.Cancelled.Code, Codes.ToolFailed.Code, Codes.ModelItem.Code],
            [TaskCodes.PolicyNotFound, TaskCodes.ModelNotFound, TaskCodes.GateFailed, TaskCodes.CannotWrite, TaskCodes.Cancelled, TaskCodes.ToolFailed, TaskCodes.ModelItem]);
    }
}
