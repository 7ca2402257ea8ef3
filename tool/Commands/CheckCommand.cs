using System.CommandLine;
using Compress.Diagnostics;
using Compress.Reporting;
using Compress.Tool.Output;

namespace Compress.Tool.Commands;

/// <summary>Says what a policy would do, without doing it.</summary>
sealed class CheckCommand : Command
{
    readonly PolicyArgument policy = new();
    readonly Option<string?> model = new("--model") { HelpName = "FILE", Description = "The model, in place of the policy's." };

    public CheckCommand(CommonOptions common, Invocation invocation)
        : base("check", "Says what each rule of a policy matches and what is asked of each layer; runs nothing.")
    {
        Add(policy);
        Add(model);
        SetAction(parsed => Run(parsed, common, invocation));
    }

    int Run(ParseResult parsed, CommonOptions common, Invocation invocation)
    {
        var (terminal, engine, cancellation) = invocation;
        var request = new CompressionRequest(parsed.GetRequiredValue(policy)) { ModelPath = parsed.GetValue(model) };
        var check = engine.Check(request, cancellation);
        terminal.Tell(check.Diagnostics);
        if (common.Format.In(parsed) == OutputFormat.Json)
            JsonOutput.Write(stream => PolicyCheckJson.Write(check, stream), terminal.Results);
        else
            CheckView.Write(new Page(terminal.Results), check, common.Verbosity.In(parsed));
        return check.Diagnostics.Any(diagnostic => diagnostic.Severity == Severity.Error) ? ExitCode.Error : ExitCode.Done;
    }
}
