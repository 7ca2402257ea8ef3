using Compress.Diagnostics;

namespace Compress.UnitTests.Tool;

public class ExitCodeTests
{
    [Theory]
    [InlineData(Outcome.Done, 0)]
    [InlineData(Outcome.Error, 1)]
    [InlineData(Outcome.GateFailed, 2)]
    [InlineData(Outcome.Cancelled, 130)]
    public void The_exit_code_tells_how_the_run_ended(Outcome outcome, int code) =>
        Assert.Equal(code, ToolRun.With(new FakeEngine { OnRun = (_, _) => Results.Error with { Outcome = outcome } }).Code);

    [Fact]
    public void A_cancelled_run_says_so()
    {
        var run = ToolRun.Start(new FakeEngine(), null, new CancellationToken(canceled: true));

        Assert.Equal((130, "", "compress: error CMP6003: the run was cancelled; nothing was written\n"), (run.Code, run.Output, run.Errors));
        Assert.Equal(run.Errors, ToolRun.With(new FakeEngine { OnRun = (_, _) => Results.Cancelled }).Errors);
    }

    [Fact]
    public void A_policy_with_errors_fails_the_check()
    {
        var error = Codes.CannotApply.At(new SourcePosition("compress.yaml", 3, 5), "svd cannot apply to '/conv1/Conv'");

        var run = ToolRun.With(new FakeEngine { OnCheck = _ => Results.Check with { Diagnostics = [error] } }, "check");

        Assert.Equal(1, run.Code);
        Assert.EndsWith("1 error would end a run: 3 rules; something is asked of 3 of 4 layers\n", run.Output);
    }

    [Fact]
    public void What_the_engine_refuses_is_told_as_it_says()
    {
        var run = ToolRun.With(new FakeEngine { OnInspect = path => throw Codes.NotOnnx.Fail(path, "the file is no ONNX model") }, "inspect", "a.txt");

        Assert.Equal((1, "", "a.txt: error CMP2002: the file is no ONNX model\n"), (run.Code, run.Output, run.Errors));
    }

    [Fact]
    public void A_bug_is_one_line_that_asks_for_a_report()
    {
        var run = ToolRun.With(new FakeEngine { OnRun = (_, _) => throw new InvalidOperationException("first\nsecond") });

        Assert.Equal(1, run.Code);
        Assert.Equal(
            "compress: error CMP9001: an internal error (InvalidOperationException: first second); please report it, with what the same command prints at '-v diag'\n",
            run.Errors);
    }

    [Fact]
    public void A_stack_trace_is_shown_only_at_diagnostic_verbosity()
    {
        var engine = new FakeEngine { OnRun = (_, _) => throw new InvalidOperationException("bug") };

        Assert.Contains("   at ", ToolRun.With(engine, "-v", "diag").Errors);
        Assert.DoesNotContain("   at ", ToolRun.With(engine, "-v", "detailed").Errors);
    }

    [Fact]
    public void A_missing_native_library_is_told_with_its_remedy()
    {
        var missing = new TypeInitializationException("NativeMethods", new DllNotFoundException("Unable to load shared library 'onnxruntime'"));

        var run = ToolRun.With(new FakeEngine { OnRun = (_, _) => throw missing });

        Assert.Equal(1, run.Code);
        Assert.StartsWith("compress: error CMP6002: ONNX Runtime's native library cannot be loaded: Unable to load shared library 'onnxruntime'; install", run.Errors);
    }

    [Fact]
    public void A_lack_of_memory_is_one_line()
    {
        var run = ToolRun.With(new FakeEngine { OnRun = (_, _) => throw new InsufficientMemoryException() });

        Assert.Equal(1, run.Code);
        Assert.StartsWith("compress: error CMP6005: there is not enough memory", run.Errors);
        Assert.Single(run.Errors.TrimEnd().Split('\n'));
    }
}
