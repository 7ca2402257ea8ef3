using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Pruning.Dependencies;

/// <summary>
/// Shapes that the graph computes from sizes of tensors and written numbers, as exporters do for free sizes: each number is traced to where
/// it comes from.
/// </summary>
static class SizeRules
{
    /// <summary>Longer lists of integers are data.</summary>
    const int MostAxes = 16;

    /// <summary>The inputs that are read as a shape by the operators' own rules.</summary>
    static readonly Dictionary<string, int> ShapeInputs = new() { ["Reshape"] = 1, ["Expand"] = 1, ["Resize"] = 3 };

    /// <summary>Follows sizes through a node that computes with them.</summary>
    /// <returns>Whether the node is understood in full.</returns>
    public static bool Visit(Trace trace, Node node)
    {
        if (node.Is("Shape") && trace.RankOf(node.Input(0)) is >= 0 and var rank)
        {
            var (start, end) = ((int)node.Int("start"), (int)node.Int("end", rank));
            (start, end) = (Math.Clamp(start < 0 ? start + rank : start, 0, rank), Math.Clamp(end < 0 ? end + rank : end, 0, rank));
            trace.Elements[node.Output()] = [.. Enumerable.Range(start, Math.Max(0, end - start)).Select(axis => SizeElement.Measured(trace.Axis(node.Input(0), axis)))];
            return true;
        }

        if (Compute(trace, node) is { } elements)
        {
            trace.Elements[node.Output()] = elements;
            return true;
        }

        for (var input = 0; input < node.Inputs.Count; input++)
        {
            if (trace.Elements.TryGetValue(node.Input(input), out var read) && !(node.Domain.Length == 0 && ShapeInputs.GetValueOrDefault(node.OpType, -1) == input))
            {
                foreach (var element in read)
                    trace.Freeze(element, $"the number of its channels is read by {node}");
            }
        }

        return false;
    }

    /// <summary>The numbers of a shape that a node takes; null where nothing is known of them.</summary>
    public static SizeElement[]? ElementsOf(Trace trace, Node node, int input)
    {
        var name = node.Input(input);
        if (trace.Graph.Initializer(name) is { Type: DataType.Int64 or DataType.Int32, Count: <= MostAxes, Shape.Length: <= 1 } constant)
            return [.. constant.Integers().Select((value, position) => SizeElement.Written(value, new Place(node, input, position)))];
        return trace.Elements.GetValueOrDefault(name);
    }

    static SizeElement[]? Compute(Trace trace, Node node)
    {
        if (node.Is("Concat"))
            return Concatenate(trace, node);
        if (!node.Is("Unsqueeze", "Squeeze", "Cast", "Identity", "Reshape", "Gather", "Slice") || ElementsOf(trace, node, 0) is not { } elements)
            return null;
        if (node.Is("Gather"))
        {
            if (trace.Graph.Initializer(node.Input(1)) is not { Type: DataType.Int64 or DataType.Int32 } indices)
                return null;
            var picked = Array.ConvertAll(indices.Integers(), index => index < 0 ? index + elements.Length : index);
            return Array.TrueForAll(picked, index => index >= 0 && index < elements.Length) ? Array.ConvertAll(picked, index => elements[index]) : null;
        }

        if (!node.Is("Slice"))
            return elements;
        if (SelectionRules.RangeOf(trace, node, 0, elements.Length) is not var (start, end))
            return null;
        return elements[start..end];
    }

    static SizeElement[]? Concatenate(Trace trace, Node node)
    {
        var parts = Enumerable.Range(0, node.Inputs.Count).Select(input => ElementsOf(trace, node, input)).ToArray();
        if (Array.TrueForAll(parts, part => part is null))
            return null;
        for (var input = 0; input < parts.Length; input++)
        {
            if (parts[input] is null)
            {
                if (trace.ShapeOf(node.Input(input)) is not [<= MostAxes and var count])
                    return null;
                parts[input] = [.. Enumerable.Repeat(SizeElement.Unknown, count)];
            }
        }

        return [.. parts.SelectMany(part => part!)];
    }
}
