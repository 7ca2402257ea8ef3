using System.Text;

namespace Compress.MSBuild;

/// <summary>Arguments of a process as one command line, quoted by the rules of the C runtime, which .NET follows on every system.</summary>
internal static class Arguments
{
    static readonly char[] NeedQuotes = [' ', '\t', '\n', '\v', '"'];

    public static string Join(IEnumerable<string> arguments) => string.Join(" ", arguments.Select(Quote));

    static string Quote(string argument)
    {
        if (argument.Length > 0 && argument.IndexOfAny(NeedQuotes) < 0)
            return argument;
        var quoted = new StringBuilder("\"");
        var backslashes = 0;
        foreach (var character in argument)
        {
            if (character == '\\')
            {
                backslashes++;
                continue;
            }

            // Backslashes count as such, except before a quotation mark, where each needs another.
            quoted.Append('\\', character == '"' ? (2 * backslashes) + 1 : backslashes).Append(character);
            backslashes = 0;
        }

        return quoted.Append('\\', 2 * backslashes).Append('"').ToString();
    }
}
