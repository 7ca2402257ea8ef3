using Compress.Diagnostics;

namespace Compress.Policies.Reading;

/// <summary>A piece of YAML and where it starts.</summary>
abstract record YamlNode(SourcePosition Position);

/// <summary>A single value. Only a plain one (without quotes) can be a number, true or false, or nothing.</summary>
sealed record YamlScalar(string Text, bool IsPlain, SourcePosition Position) : YamlNode(Position)
{
    public bool IsNull => IsPlain && Text is ("" or "~" or "null" or "Null" or "NULL");
}

sealed record YamlList(IReadOnlyList<YamlNode> Items, SourcePosition Position) : YamlNode(Position);

sealed record YamlMap(IReadOnlyList<YamlPair> Pairs, SourcePosition Position) : YamlNode(Position);

sealed record YamlPair(YamlNode Key, YamlNode Value);
