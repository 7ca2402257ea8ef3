using System.CommandLine;
using Compress.Diagnostics;
using Compress.Reporting;
using Compress.Tool.Output;

namespace Compress.Tool.Commands;

/// <summary>The main job: compresses a model as a policy says.</summary>
sealed class RunCommand : RootCommand
{
    readonly PolicyArgument policy;
    readonly CommonOptions common;

    readonly Option<string?> model = new("--model") { HelpName = "FILE", Description = "The model, in place of the policy's." };

    readonly Option<string?> output = new("--output", "-o")
    {
        HelpName = "FILE",
        Description = "The compressed model, in place of the policy's; by default NAME.compressed.onnx beside the model.",
    };

    readonly Option<string?> report = new("--report") { HelpName = "DIR", Description = "Writes report.json to this folder." };

    readonly ChoiceOption<GateMode> gates = new("--gates", "Whether a failed gate fails the run, is a warning, or is not measured.", "enforce",
        ("enforce", GateMode.Enforce), ("warn", GateMode.Warn), ("skip", GateMode.Skip));

    readonly NumberOption seed = new("--seed", int.MinValue, "Where random choices start; the same seed gives the same bytes.");
    readonly NumberOption threads = new("--threads", 0, "Threads within an operator; 0 leaves the number to ONNX Runtime.");

    readonly Option<string?> depfile = new("--depfile")
    {
        HelpName = "FILE",
        Description = "For build systems: after a successful run, lists the files it read, one absolute path a line.",
    };

    public RunCommand(PolicyArgument policy, CommonOptions common, Invocation invocation)
        : base("Compresses an ONNX model as a policy says, and holds it to the policy's gates.")
    {
        this.policy = policy;
        this.common = common;
        Add(policy);
        foreach (Option option in (Option[])[model, output, report, gates, seed, threads, depfile, common.Format, common.Verbosity])
            Add(option);
        SetAction(parsed => Run(parsed, invocation));
    }

    int Run(ParseResult parsed, Invocation invocation)
    {
        var (terminal, engine, cancellation) = invocation;
        var verbosity = common.Verbosity.In(parsed);
        var request = Request(parsed);
        var result = ProgressDisplay.During(terminal, verbosity, progress => engine.Run(request, progress, cancellation));
        if (result.Outcome == Outcome.Done && parsed.GetValue(depfile) is { } path)
            DependencyFile.Write(path, result.InputFiles);
        terminal.Tell(result.Report.Diagnostics);
        if (result.Outcome == Outcome.Cancelled && !result.Report.Diagnostics.Any(known => known.Code == Codes.Cancelled.Code))
            terminal.Tell(Failure.Diagnostics(new OperationCanceledException()));
        if (common.Format.In(parsed) == OutputFormat.Json)
            JsonOutput.Write(stream => ReportJson.Write(result.Report, stream), terminal.Results);
        else if (result.Outcome is Outcome.Done or Outcome.GateFailed)
            RunView.Write(new Page(terminal.Results), result, request, verbosity);
        return ExitCode.Of(result.Outcome);
    }

    CompressionRequest Request(ParseResult parsed) => new(parsed.GetRequiredValue(policy))
    {
        ModelPath = parsed.GetValue(model),
        OutputPath = parsed.GetValue(output),
        ReportDirectory = parsed.GetValue(report),
        Gates = gates.In(parsed),
        Seed = parsed.GetValue(seed),
        Threads = parsed.GetValue(threads),
    };
}
