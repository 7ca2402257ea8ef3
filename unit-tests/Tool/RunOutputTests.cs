using System.Text.Json;
using Compress.Techniques;

namespace Compress.UnitTests.Tool;

public class RunOutputTests
{
    [Fact]
    public void A_pipe_gets_plain_columns_that_are_never_cut() => ToolRun.Of().PrintsAsIn("run-plain.txt");

    [Fact]
    public void A_wide_terminal_gets_drawn_tables() => ToolRun.InTerminal(160).PrintsAsIn("run-terminal-160.txt");

    [Fact]
    public void A_narrow_terminal_gets_tables_that_fit_it()
    {
        var run = ToolRun.InTerminal(80);

        run.PrintsAsIn("run-terminal-80.txt");
        Assert.All(run.Output.Split('\n').Where(line => line.StartsWith('│')), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void At_detailed_verbosity_every_layer_has_its_row() => ToolRun.Of("-v", "d").PrintsAsIn("run-detailed.txt");

    [Fact]
    public void At_minimal_verbosity_layers_are_left_out()
    {
        var run = ToolRun.Of("-v", "minimal");

        Assert.StartsWith("Total", run.Output);
        Assert.EndsWith("Written: resnet.compressed.onnx\n", run.Output);
        Assert.DoesNotContain("/conv1/Conv", run.Output);
    }

    [Fact]
    public void At_quiet_verbosity_only_diagnostics_are_left()
    {
        var run = ToolRun.Of("-v", "q");

        Assert.Equal("", run.Output);
        Assert.Equal("compress.yaml(12,5): warning CMP1008: the rule matches no layer: /head/*\n", run.Errors);
    }

    [Fact]
    public void A_failed_gate_is_shown_with_the_place_of_the_rejected_model() =>
        ToolRun.With(new FakeEngine { OnRun = (_, _) => Results.GateFailed }, "--report", "reports").PrintsAsIn("run-gate-failed.txt");

    [Fact]
    public void An_error_is_one_line_on_the_other_stream()
    {
        var run = ToolRun.With(new FakeEngine { OnRun = (_, _) => Results.Error });

        Assert.Equal("", run.Output);
        Assert.Equal("compress.yaml(14,5): error CMP1003: unknown key 'prnue' (did you mean 'prune'?)\n", run.Errors);
    }

    [Theory]
    [InlineData()]
    [InlineData("inspect", "resnet.onnx")]
    [InlineData("check")]
    public void Json_is_one_document_and_nothing_else(params string[] command)
    {
        var run = ToolRun.Of([.. command, "--format", "json", "-v", "diag"]);

        using var document = JsonDocument.Parse(run.Output);
        Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
        Assert.Contains("warning CMP", run.Errors);
    }

    [Fact]
    public void Json_tells_of_errors_too()
    {
        var run = ToolRun.With(new FakeEngine { OnRun = (_, _) => Results.Error }, "--format", "json");

        using var document = JsonDocument.Parse(run.Output);
        Assert.Equal("failed", document.RootElement.GetProperty("verdict").GetString());
        Assert.Equal("CMP1003", document.RootElement.GetProperty("diagnostics")[0].GetProperty("code").GetString());
    }

    [Fact]
    public void Names_from_a_model_cannot_steer_the_terminal()
    {
        var report = Results.Passed.Report with { Layers = [new("evil\u001b[2J\nname", "Conv", Results.Passed.Report.Layers[0].Techniques)] };

        var run = ToolRun.With(new FakeEngine { OnRun = (_, _) => Results.Passed with { Report = report } });

        Assert.Contains("evil?[2J name", run.Output);
    }

    [Fact]
    public void Without_a_terminal_steps_are_lines_and_only_where_details_are_asked_for()
    {
        var engine = new FakeEngine
        {
            OnRun = (_, progress) =>
            {
                foreach (var step in (StepProgress[])[new("prune", 0), new("prune", 0.5), new("quantize", 0)])
                    progress?.Report(step);
                return Results.Passed;
            },
        };

        Assert.StartsWith("prune ...\nquantize ...\n", ToolRun.With(engine, "-v", "d").Errors);
        Assert.DoesNotContain("...", ToolRun.With(engine).Errors);
    }

    [Fact]
    public void Inspect_lists_layers_and_totals() => ToolRun.Of("inspect", "resnet.onnx").PrintsAsIn("inspect-plain.txt");

    [Fact]
    public void Inspect_lists_groups_of_channels() => ToolRun.Of("inspect", "resnet.onnx", "--groups").PrintsAsIn("inspect-groups-plain.txt");

    [Fact]
    public void Check_lists_rules_and_what_is_asked_of_layers() => ToolRun.Of("check").PrintsAsIn("check-plain.txt");
}
