using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Compress.Policies.Reading;

/// <summary>
/// YamlDotNet's parser, all of whose failures are <see cref="YamlException"/>s with a place. Left to itself it fails on
/// <c>[a, b⏎c: d</c> with an InvalidOperationException and on <c>"\UFFFFFFFF"</c> with an ArgumentException.
/// </summary>
sealed class GuardedParser(string text) : IParser
{
    readonly Parser parser = new(new StringReader(text));

    public ParsingEvent? Current => parser.Current;

    public bool MoveNext()
    {
        try
        {
            return parser.MoveNext();
        }
        catch (Exception exception) when (exception is not YamlException)
        {
            var end = Current?.End ?? Mark.Empty;
            throw new YamlException(end, end, "it cannot be read from here on; a bracket or a quote may be left open, or an escape may be wrong");
        }
    }
}
