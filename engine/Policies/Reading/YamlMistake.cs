using Compress.Diagnostics;
using YamlDotNet.Core;

namespace Compress.Policies.Reading;

/// <summary>What is said of text that is not YAML: the parser's own words, or better ones for the mistakes that everyone makes.</summary>
static class YamlMistake
{
    public static Diagnostic Explain(YamlException exception, string text, string file)
    {
        var lines = text.Split('\n');
        var (line, column) = ((int)exception.Start.Line, (int)exception.Start.Column);
        if (exception.Message.Contains("tab ", StringComparison.Ordinal))
        {
            var tab = Array.FindIndex(lines, Math.Clamp(line - 1, 0, lines.Length), IsIndentedByTab);
            if (tab >= 0)
                return Codes.PolicySyntax.At(new SourcePosition(file, tab + 1, lines[tab].IndexOf('\t') + 1), "a tab cannot indent YAML; use spaces");
        }

        var position = new SourcePosition(file, line, column);
        var isStar = line >= 1 && line <= lines.Length && column >= 1 && column <= lines[line - 1].Length && lines[line - 1][column - 1] == '*';
        return isStar ? UnknownAlias(position) : Codes.PolicySyntax.At(position, $"the policy is not valid YAML: {Quoted.Clean(exception.Message)}");
    }

    public static Diagnostic EndsEarly(string text, string file) => Codes.PolicySyntax.At(
        new SourcePosition(file, text.TrimEnd().Count(letter => letter == '\n') + 1, 1), "the policy is not valid YAML: it ends within a mapping or a list; check the indentation and the dashes");

    public static Diagnostic UnknownAlias(SourcePosition position) => Codes.PolicySyntax.At(position,
        "a * without quotes starts a YAML alias, and no anchor of that name is complete before it; put names with wildcards in quotes: match: \"*\"");

    static bool IsIndentedByTab(string line) => line.TrimStart(' ').StartsWith('\t');
}
