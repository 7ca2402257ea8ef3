using System.CommandLine;
using System.CommandLine.Invocation;
using Compress.Tool.Commands;
using Compress.Tool.Output;
using Spectre.Console;

namespace Compress.Tool;

/// <summary>The whole tool behind its entry point: arguments go in, text and an exit code come out.</summary>
static class CommandLine
{
    /// <summary>How users call the tool; the file itself is dotnet-compress.</summary>
    public const string Name = "dotnet compress";

    /// <summary>Parses the arguments and does what they ask. It throws nothing.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="results">Takes what was asked for: standard output.</param>
    /// <param name="messages">Takes diagnostics and progress: standard error.</param>
    /// <param name="engine">Does the work.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Invoke(
        IReadOnlyList<string> args, IAnsiConsole results, IAnsiConsole messages, ICompressor engine, CancellationToken cancellation = default)
    {
        var terminal = new Terminal(results, messages);
        var common = new CommonOptions();
        var parsed = Commands(common, new Invocation(terminal, engine, cancellation), args).Parse(args);
        try
        {
            var mistakes = parsed.Action is null or ParseErrorAction || parsed.CommandResult.Command.Action == parsed.Action
                ? UsageErrors.In(parsed)
                : [];
            if (mistakes.Count == 0)
                return Run(parsed, terminal);
            terminal.Tell(mistakes);
            terminal.Say($"Run '{Name} --help' to see the commands and options.");
            return ExitCode.Error;
        }
#pragma warning disable CA1031 // The one place where every exception becomes a message and an exit code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            terminal.Tell(Failure.Diagnostics(exception));
            if (parsed.Errors.Count == 0 && common.Verbosity.In(parsed) == Verbosity.Diagnostic)
                terminal.Say(exception.ToString());
            return Failure.Code(exception);
        }
    }

    static RunCommand Commands(CommonOptions common, Invocation invocation, IReadOnlyList<string> args)
    {
        var policy = new PolicyArgument();
        var root = new RunCommand(policy, common, invocation)
        {
            new InspectCommand(common, invocation),
            new CheckCommand(common, invocation),
        };
        // The help of a sub-command is not about the root's argument.
        policy.Hidden = args.Count > 0 && root.Subcommands.Any(command => command.Name == args[0]);
        return root;
    }

    static int Run(ParseResult parsed, Terminal terminal)
    {
        using var output = new StringWriter();
        var code = parsed.Invoke(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false });
        terminal.Results.Profile.Out.Writer.Write(output.ToString().Replace(RootCommand.ExecutableName, Name, StringComparison.Ordinal));
        terminal.Results.Profile.Out.Writer.Flush();
        return code;
    }
}
