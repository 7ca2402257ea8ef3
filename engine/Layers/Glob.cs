using System.Text;
using System.Text.RegularExpressions;

namespace Compress.Layers;

/// <summary>
/// A pattern over names: <c>*</c> stands for any run of characters (a slash too, so that <c>/layer2/*/Conv</c> reaches
/// every depth) and <c>?</c> for one. Everything else stands for itself; case counts.
/// </summary>
public sealed class Glob
{
    readonly Regex regex;

    public Glob(string pattern)
    {
        Pattern = pattern;
        var builder = new StringBuilder("\\A");
        foreach (var letter in pattern)
        {
            builder.Append(letter switch
            {
                '*' => ".*",
                '?' => ".",
                _ => Regex.Escape(letter.ToString()),
            });
        }

        // Without backtracking a hostile pattern costs linear time.
        regex = new Regex(builder.Append("\\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.Singleline);
    }

    public string Pattern { get; }

    /// <summary>Whether the pattern names one thing alone.</summary>
    public bool IsLiteral => !Pattern.AsSpan().ContainsAny('*', '?');

    public bool Matches(string name) => regex.IsMatch(name);

    public override string ToString() => Pattern;
}
