using Compress.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Compress.Policies.Reading;

/// <summary>
/// Builds nodes from YamlDotNet's events. Depth and size are limited here, aliases counted at their full size, so that
/// whatever reads the nodes may recurse freely.
/// </summary>
sealed class YamlTree
{
    public const int MaxDepth = 32;
    public const int MaxNodes = 100_000;

    readonly GuardedParser parser;
    readonly string file;
    readonly Dictionary<AnchorName, Branch> anchors = [];
    int nodes;

    YamlTree(string text, string file)
    {
        parser = new GuardedParser(text);
        this.file = file;
    }

    /// <returns>The document's root; null where the text holds nothing or an error was reported.</returns>
    public static YamlNode? Parse(string text, string file, DiagnosticBag diagnostics)
    {
        try
        {
            return new YamlTree(text, file).Document();
        }
        catch (YamlException exception)
        {
            diagnostics.Add(YamlMistake.Explain(exception, text, file));
        }
        catch (EndOfStreamException)
        {
            // The parser's own events can end within a mapping, where a mistake has confused it.
            diagnostics.Add(YamlMistake.EndsEarly(text, file));
        }
        catch (CompressException exception)
        {
            diagnostics.AddRange(exception.Diagnostics);
        }

        return null;
    }

    YamlNode? Document()
    {
        parser.Consume<StreamStart>();
        if (parser.TryConsume<StreamEnd>(out _))
            return null;
        parser.Consume<DocumentStart>();
        var root = Next(1).Node;
        parser.Consume<DocumentEnd>();
        if (!parser.Accept<StreamEnd>(out var next))
            throw Codes.PolicySyntax.Fail(At(parser.Current!), "a policy is one YAML document; a second one starts here");
        return root;
    }

    /// <summary>A node with what it takes to refer to it again: the nodes it holds and the levels it spans.</summary>
    readonly record struct Branch(YamlNode Node, int Count, int Height);

    Branch Next(int depth)
    {
        var start = parser.Consume<ParsingEvent>();
        if (start is AnchorAlias alias)
            return Alias(alias, depth);
        var branch = start switch
        {
            Scalar scalar => new Branch(new YamlScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, At(scalar)), 1, 1),
            SequenceStart => List(start, depth),
            _ => Map(start, depth),
        };
        CheckSize(start, depth, 1, 1);
        if (start is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } tag })
            throw Codes.PolicySyntax.Fail(At(start), $"YAML tags such as {Quoted.Show(tag.Value)} have no meaning in a policy");
        if (start is NodeEvent { Anchor: { IsEmpty: false } anchor })
            anchors[anchor] = branch;
        return branch;
    }

    Branch List(ParsingEvent start, int depth)
    {
        CheckSize(start, depth, 0, 1);
        var (items, count, height) = (new List<YamlNode>(), 1, 0);
        while (!parser.TryConsume<SequenceEnd>(out _))
            items.Add(Child(depth, ref count, ref height));
        return new Branch(new YamlList(items, At(start)), count, height + 1);
    }

    Branch Map(ParsingEvent start, int depth)
    {
        CheckSize(start, depth, 0, 1);
        var (pairs, count, height) = (new List<YamlPair>(), 1, 0);
        while (!parser.TryConsume<MappingEnd>(out _))
            pairs.Add(new YamlPair(Child(depth, ref count, ref height), Child(depth, ref count, ref height)));
        return new Branch(new YamlMap(pairs, At(start)), count, height + 1);
    }

    YamlNode Child(int depth, ref int count, ref int height)
    {
        var child = Next(depth + 1);
        count += child.Count;
        height = Math.Max(height, child.Height);
        return child.Node;
    }

    Branch Alias(AnchorAlias alias, int depth)
    {
        // An anchor counts only once its node is complete, so that no node can hold itself.
        if (!anchors.TryGetValue(alias.Value, out var branch))
            throw new CompressException(YamlMistake.UnknownAlias(At(alias)));
        CheckSize(alias, depth, branch.Count, branch.Height);
        return branch;
    }

    void CheckSize(ParsingEvent start, int depth, int count, int height)
    {
        if (depth + height - 1 > MaxDepth)
            throw Codes.PolicyTooComplex.Fail(At(start), $"the policy is nested more than {MaxDepth} levels deep");
        nodes += count;
        if (nodes > MaxNodes)
            throw Codes.PolicyTooComplex.Fail(At(start), $"the policy holds more than {MaxNodes} values once its aliases are followed");
    }

    SourcePosition At(ParsingEvent start) => new(file, (int)start.Start.Line, (int)start.Start.Column);
}
