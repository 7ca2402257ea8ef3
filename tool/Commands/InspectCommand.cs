using System.CommandLine;
using Compress.Reporting;
using Compress.Tool.Output;

namespace Compress.Tool.Commands;

/// <summary>Lists the layers of a model.</summary>
sealed class InspectCommand : Command
{
    readonly Argument<string> model = new("MODEL") { Description = "The model's file." };
    readonly Option<bool> groups = new("--groups") { Description = "Lists the groups of channels that can only be pruned together, in place of the layers." };

    readonly Option<IReadOnlyList<InputShape>> shapes = new("--shape")
    {
        Description = "The sizes of an input that the model leaves free, the batch first, such as image=1,3,224,224; may be given again for others.",
        HelpName = "name=sizes",
        CustomParser = InputShape.Parse,
        DefaultValueFactory = _ => [],
    };

    public InspectCommand(CommonOptions common, Invocation invocation)
        : base("inspect", "Lists a model's layers and what can be done to each; changes nothing.")
    {
        model.Validators.Add(UsageErrors.CheckArgument);
        Add(model);
        Add(groups);
        Add(shapes);
        SetAction(parsed => Run(parsed, common, invocation));
    }

    int Run(ParseResult parsed, CommonOptions common, Invocation invocation)
    {
        var (terminal, engine, cancellation) = invocation;
        var inspection = engine.Inspect(parsed.GetRequiredValue(model), InputShape.ByName(parsed.GetRequiredValue(shapes)), cancellation);
        terminal.Tell(inspection.Diagnostics);
        if (common.Format.In(parsed) == OutputFormat.Json)
            JsonOutput.Write(stream => InspectionJson.Write(inspection, stream), terminal.Results);
        else
            InspectionView.Write(new Page(terminal.Results), inspection, parsed.GetValue(groups), common.Verbosity.In(parsed));
        return ExitCode.Done;
    }
}
