namespace Compress.UnitTests.Tool;

public class UsageTests
{
    [Theory]
    [InlineData("--modle x", "'--modle' is no option; did you mean '--model'?")]
    [InlineData("inspct resnet.onnx", "'inspct' is neither a command nor a file; did you mean 'inspect'?")]
    [InlineData("check --formt", "'--formt' is no option; did you mean '--format'?")]
    [InlineData("check --output x", "'--output' is no option")]
    [InlineData("a.yaml b.yaml", "Unrecognized command or argument 'b.yaml'")]
    [InlineData("a.yaml inspect resnet.onnx", "'a.yaml' cannot stand before 'inspect'")]
    [InlineData("--gates no", "'no' is no value for --gates; it is one of enforce, warn, skip")]
    [InlineData("--threads -1", "'-1' is no value for --threads; it is a whole number from 0 to 2147483647")]
    [InlineData("inspect m.onnx --shape x=1,0", "'x=1,0' is no value for --shape; it is an input's name and its sizes, all above zero, for example image=1,3,224,224")]
    [InlineData("inspect m.onnx --shape 1,3", "'1,3' is no value for --shape; it is an input's name and its sizes, all above zero, for example image=1,3,224,224")]
    [InlineData("inspect m.onnx --shape x=1 --shape x=2", "--shape gives the sizes of 'x' twice")]
    [InlineData("--output", "Required argument missing for option: '--output'")]
    [InlineData("inspect", "Required argument missing for command: 'inspect'")]
    [InlineData("--no-cache", "'--no-cache' is no option")]
    public void A_mistake_is_one_diagnostic_and_a_hint(string line, string message)
    {
        var run = ToolRun.Of(line.Split(' '));

        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Equal($"compress: error CMP6004: {message}\nRun 'dotnet compress --help' to see the commands and options.\n", run.Errors);
    }

    [Fact]
    public void Options_reach_the_engine()
    {
        var engine = new FakeEngine();

        ToolRun.With(engine, "a.yaml", "--model", "m.onnx", "-o", "o.onnx", "--report", "r", "--gates", "WARN", "--seed", "-7", "--threads", "2");

        Assert.Equal(
            new CompressionRequest("a.yaml") { ModelPath = "m.onnx", OutputPath = "o.onnx", ReportDirectory = "r", Gates = GateMode.Warn, Seed = -7, Threads = 2 },
            engine.Asked);
    }

    [Fact]
    public void Shapes_of_inputs_reach_the_engine()
    {
        var engine = new FakeEngine();

        ToolRun.With(engine, "inspect", "m.onnx", "--shape", "a=b=1,3,8", "--shape", "ids=1,16");

        Assert.Equal(["a=b", "ids"], engine.Shapes!.Keys);
        Assert.Equal([1, 3, 8], engine.Shapes["a=b"]);
    }

    [Theory]
    [InlineData]
    [InlineData("check")]
    public void The_policy_is_compress_yaml_unless_another_is_named(params string[] command)
    {
        var engine = new FakeEngine();

        ToolRun.With(engine, command);

        Assert.Equal(new CompressionRequest("compress.yaml"), engine.Asked);
    }

    [Fact]
    public void A_name_that_is_a_command_is_the_command() => Assert.StartsWith("Line  Match", ToolRun.Of("check").Output);

    [Fact]
    public void Help_names_the_tool_as_users_call_it()
    {
        var run = ToolRun.Of("--help");

        Assert.Equal((0, ""), (run.Code, run.Errors));
        Assert.Contains("  dotnet compress [<POLICY>] [command] [options]\n", run.Output);
        Assert.Contains("  dotnet compress inspect <MODEL> [options]\n", ToolRun.Of("inspect", "--help").Output);
    }

    [Fact]
    public void The_dependency_file_lists_what_was_read()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "inputs.d");

        ToolRun.Of("--depfile", path);

        Assert.Equal($"{Path.GetFullPath("compress.yaml")}\n{Path.GetFullPath("resnet.onnx")}\n", File.ReadAllText(path));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void A_run_that_failed_writes_no_dependency_file()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.d");

        ToolRun.With(new FakeEngine { OnRun = (_, _) => Results.GateFailed }, "--depfile", path);

        Assert.False(File.Exists(path));
    }
}
