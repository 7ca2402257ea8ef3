using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Compress.Diagnostics;

namespace Compress.Tool.Commands;

/// <summary>Finds what is wrong with a command line and says what may have been meant.</summary>
static class UsageErrors
{
    /// <summary>A diagnostic for each mistake. Left-over words count only where there is no other mistake that may be their cause.</summary>
    public static IReadOnlyList<Diagnostic> In(ParseResult parsed)
    {
        var errors = parsed.Errors.Where(error => error.SymbolResult is not CommandResult).Select(error => error.Message).ToList();
        errors.AddRange(Misplaced(parsed));
        if (errors.Count == 0)
            errors.AddRange(parsed.Errors.Select(error => error.Message));
        return [.. errors.Distinct().Select(message => Codes.Usage.At(null, message.ReplaceLineEndings(" ").TrimEnd('.')))];
    }

    /// <summary>An argument takes any word, a mistyped option or command too: those are told here.</summary>
    public static void CheckArgument(ArgumentResult argument)
    {
        if (argument.Tokens is not [{ Value: var word }] || argument.Parent is not CommandResult { Command: var command })
            return;
        if (word.StartsWith('-') && word.Length > 1)
            argument.AddError($"'{word}' is no option{DidYouMean(word, command)}");
        else if (!Path.HasExtension(word) && !File.Exists(word) && DidYouMean(word, command) is { Length: > 0 } hint)
            argument.AddError($"'{word}' is neither a command nor a file{hint}");
    }

    /// <summary>What was given to the root although a sub-command follows, which has no use for it.</summary>
    static IEnumerable<string> Misplaced(ParseResult parsed)
    {
        if (parsed.CommandResult == parsed.RootCommandResult)
            return [];
        var command = parsed.CommandResult.Command.Name;
        return parsed.RootCommandResult.Children.SelectMany(child => child switch
        {
            OptionResult { Implicit: false, Option.Recursive: false } option => [$"'{option.Option.Name}' cannot stand before '{command}'"],
            ArgumentResult { Tokens: [var token] } => [$"'{token.Value}' cannot stand before '{command}'"],
            _ => Array.Empty<string>(),
        });
    }

    static string DidYouMean(string word, Command command)
    {
        // Without an argument that takes any word, the parser's own search for similar words sees this one.
        var bare = new RootCommand();
        var inherited = command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive);
        foreach (var option in command.Options.Concat(inherited).Where(option => bare.Options.All(own => own.Name != option.Name)).ToList())
            bare.Add(option);
        foreach (var subcommand in command.Subcommands)
            bare.Add(subcommand);
        var parsed = bare.Parse([word]);
        if (parsed.Action is not ParseErrorAction action)
            return "";
        action.ShowHelp = false;
        using var output = new StringWriter();
        parsed.Invoke(new InvocationConfiguration { Output = output, Error = TextWriter.Null });
        var similar = output.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Skip(1).Where(name => name.Length > 2);
        return similar.FirstOrDefault() is { } name ? $"; did you mean '{name}'?" : "";
    }
}
