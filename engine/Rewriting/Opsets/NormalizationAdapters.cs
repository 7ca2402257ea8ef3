using Compress.Models;

namespace Compress.Rewriting.Opsets;

/// <summary>Operators that normalize by statistics or by a sum.</summary>
static class NormalizationAdapters
{
    /// <summary>BatchNormalization 9: statistics are always those of a channel; <c>spatial</c> could ask for one of each element.</summary>
    public static string? BatchNormalization9(OpsetEdit edit)
    {
        if (edit.Node.Int("spatial", 1) == 0)
            return "it normalizes each element by its own statistics ('spatial' is 0)";
        edit.Node.Without("spatial");
        return null;
    }

    /// <summary>BatchNormalization 14: <c>training_mode</c> asks for training. Before, a node trained if it had further outputs, read or not.</summary>
    public static string? BatchNormalization14(OpsetEdit edit)
    {
        if (edit.Node.Outputs.Skip(1).Any(name => name.Length > 0))
            return "it has outputs for its statistics, which is training";
        edit.Graph.KeepOutputs(edit.Node, 1);
        return null;
    }

    /// <summary>
    /// Softmax, LogSoftmax and Hardmax 13: along one axis, by default the last. Before, the input counted as a matrix of which each
    /// row holds everything from <c>axis</c>, by default 1, to the end.
    /// </summary>
    public static string? Softmax13(OpsetEdit edit)
    {
        var (graph, node) = (edit.Graph, edit.Node);
        var axis = node.Int("axis", 1);
        node.With("axis", -1);
        if (axis == -1 || axis == edit.RankOf(node.Input(0)) - 1)
            return null;

        var (input, output) = (node.Input(0), node.Output());
        var (shape, flat, rows) = (edit.Fresh("shape"), edit.Fresh("flat"), edit.Fresh("rows"));
        graph.InsertBefore(node,
            Node.Create("Shape", shape, [input], [shape]),
            Node.Create("Flatten", flat, [input], [flat]).With("axis", axis));
        graph.SetInput(node, 0, flat);
        graph.SetOutput(node, 0, rows);
        var reshape = Node.Create("Reshape", edit.Fresh("reshape"), [rows, shape], [output]);
        // An empty dimension is a size here, and not a request to copy one.
        graph.InsertAfter(node, edit.Target >= 14 ? reshape.With("allowzero", 1) : reshape);
        return null;
    }

    /// <summary>GroupNormalization 21: scale and bias have an entry for each channel, and not for each group.</summary>
    public static string? GroupNormalization21(OpsetEdit edit)
    {
        var (graph, node) = (edit.Graph, edit.Node);
        var (channels, inGroup, sizes) = (edit.Fresh("channels"), edit.Fresh("channels_in_group"), edit.Fresh("sizes"));
        var one = edit.Constant("one", Tensor.Of<long>("", [1], 1));
        var all = edit.Constant("all", Tensor.Of<long>("", [-1], 1));
        var column = edit.Constant("column", Tensor.Of<long>("", [-1, 1], 2));
        var groups = edit.Constant("groups", Tensor.Of<long>("", [node.Int("num_groups")], 1));
        graph.InsertBefore(node,
            Node.Create("Shape", channels, [node.Input(0)], [channels]).With("start", 1).With("end", 2),
            Node.Create("Div", inGroup, [channels, groups], [inGroup]),
            Node.Create("Concat", sizes, [one, inGroup], [sizes]).With("axis", 0));
        foreach (var (input, stem) in (ReadOnlySpan<(int, string)>)[(1, "scale"), (2, "bias")])
        {
            var (standing, wide, each) = (edit.Fresh($"{stem}_column"), edit.Fresh($"{stem}_wide"), edit.Fresh(stem));
            graph.InsertBefore(node,
                Node.Create("Reshape", standing, [node.Input(input), column], [standing]),
                Node.Create("Expand", wide, [standing, sizes], [wide]),
                Node.Create("Reshape", each, [wide, all], [each]));
            graph.SetInput(node, input, each);
        }

        return null;
    }
}
