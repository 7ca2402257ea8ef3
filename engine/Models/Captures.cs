using Compress.Onnx;

namespace Compress.Models;

/// <summary>What the body of an If, Loop or Scan reads from the graphs around it.</summary>
static class Captures
{
    /// <summary>The outer tensors that a body reads, directly or in bodies within it.</summary>
    public static HashSet<string> Of(GraphProto body)
    {
        var known = Local(body);
        var captured = new HashSet<string>();
        foreach (var node in body.Node)
        {
            captured.UnionWith(node.Input.Where(name => name.Length > 0 && !known.Contains(name)));
            foreach (var inner in new Node(node).Subgraphs())
                captured.UnionWith(Of(inner).Where(name => !known.Contains(name)));
        }

        captured.UnionWith(body.Output.Select(value => value.Name).Where(name => !known.Contains(name)));
        return captured;
    }

    /// <summary>Makes a body read another outer tensor. A local tensor of the same name hides the outer one.</summary>
    public static void Rename(GraphProto body, string old, string replacement)
    {
        if (Local(body).Contains(old))
            return;
        foreach (var node in body.Node)
        {
            for (var i = 0; i < node.Input.Count; i++)
            {
                if (node.Input[i] == old)
                    node.Input[i] = replacement;
            }

            foreach (var inner in new Node(node).Subgraphs())
                Rename(inner, old, replacement);
        }

        foreach (var output in body.Output)
        {
            if (output.Name == old)
                output.Name = replacement;
        }
    }

    /// <summary>Every name that stands in a body or in bodies within it.</summary>
    public static IEnumerable<string> NamesIn(GraphProto body) => Local(body)
        .Concat(body.Node.Select(node => node.Name))
        .Concat(body.Node.SelectMany(node => new Node(node).Subgraphs()).SelectMany(NamesIn));

    static HashSet<string> Local(GraphProto body) =>
    [
        .. body.Input.Select(value => value.Name),
        .. body.Initializer.Select(tensor => tensor.Name),
        .. body.SparseInitializer.Select(tensor => tensor.Values.Name),
        .. body.Node.SelectMany(node => node.Output),
    ];
}
