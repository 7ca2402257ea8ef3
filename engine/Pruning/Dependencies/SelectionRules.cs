using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Pruning.Dependencies;

/// <summary>Operators that put tensors side by side, take parts of them, or turn their axes.</summary>
static class SelectionRules
{
    public static bool Concat(Trace trace, Node node)
    {
        var rank = trace.RankOf(node.Input(0));
        if (node.Inputs.Any(name => trace.ShapeOf(name) is null) || rank < 1)
            return false;
        var along = Axis(node, rank, 0);
        var output = new int[]?[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            output[axis] = axis != along
                ? trace.Align(node, [.. Enumerable.Range(0, node.Inputs.Count).Select(input => (input, axis))])
                : node.Inputs.Any(name => trace.Axis(name, along) is not null)
                    ? [.. node.Inputs.SelectMany(name => trace.Axis(name, along) ?? Enumerable.Repeat(Trace.Fixed, trace.SizeOf(name, along)))]
                    : null;
        }

        trace.Set(node.Output(), output);
        return true;
    }

    public static bool Split(Trace trace, Node node)
    {
        if (trace.LayoutOf(node.Input(0)) is not { } layout)
            return true;
        var along = Axis(node, layout.Length, 0);
        var written = trace.Integers(node, 1, "split");
        var units = layout[along];
        if (units is not null && written is null && node.Input(1).Length > 0)
            return false;
        if (written is not null && units is not null && (written.Length != node.Outputs.Count || written.Sum() != units.Length))
            return false;
        if (units is not null && written is null && units.Length % node.Outputs.Count != 0)
            return false;
        var start = 0;
        int[]? first = null;
        for (var part = 0; part < node.Outputs.Count; part++)
        {
            var output = layout.ToArray();
            if (units is not null)
            {
                var size = written is null ? units.Length / node.Outputs.Count : (int)written[part];
                output[along] = units[start..(start + size)];
                start += size;
                // Equal parts that nothing gives a size stay equal.
                first ??= output[along];
                if (written is null)
                    output[along] = trace.Join(first, output[along], node);
                else
                    trace.Size(node.Has("split") ? new Place(node, -1, part, "split") : new Place(node, 1, part), output[along]!, node);
            }

            trace.Set(node.Output(part), output);
        }

        return true;
    }

    public static bool Slice(Trace trace, Node node)
    {
        if (trace.LayoutOf(node.Input(0)) is not { } layout)
            return true;
        if (AxesOf(trace, node, layout.Length) is not { } axes)
            return false;
        var output = layout.ToArray();
        foreach (var (position, axis) in axes.Index())
        {
            if (layout[axis] is not { } units)
                continue;
            if (RangeOf(trace, node, position, units.Length) is not var (start, end))
            {
                trace.Pin(units, $"its channels are cut by {node}");
                output[axis] = null;
                continue;
            }

            output[axis] = units[start..end];
            if (start > 0)
                trace.Size(PlaceOf(node, 1, "starts", position), units[..start], node);
            if (end < units.Length)
                trace.Size(PlaceOf(node, 2, "ends", position), units[..end], node);
        }

        trace.Set(node.Output(), output);
        return true;
    }

    /// <summary>Which indices a Slice takes of its axis at a position; null where they are computed, or not all in a row.</summary>
    public static (int Start, int End)? RangeOf(Trace trace, Node node, int position, int size)
    {
        if (trace.Integers(node, 1, "starts") is not { } starts || trace.Integers(node, 2, "ends") is not { } ends || position >= starts.Length || position >= ends.Length)
            return null;
        if (node.Input(4).Length > 0 && (trace.Integers(node, 4, "steps") is not { } steps || steps[position] != 1))
            return null;
        var start = Math.Clamp(starts[position] < 0 ? starts[position] + size : starts[position], 0, size);
        var end = Math.Clamp(ends[position] < 0 ? ends[position] + size : ends[position], 0, size);
        return start < end ? ((int)start, (int)end) : null;
    }

    /// <summary>Constant indices into an axis, or any indices into one that is not tracked.</summary>
    public static bool Gather(Trace trace, Node node)
    {
        if (trace.LayoutOf(node.Input(0)) is not { } layout)
            return LayerRules.Embedding(trace, node) || !trace.IsTracked(node.Input(1));
        var along = Axis(node, layout.Length, 0);
        var indices = trace.Graph.Initializer(node.Input(1));
        if (trace.IsTracked(node.Input(1)) || trace.RankOf(node.Input(1)) is not (>= 0 and var rank))
            return false;
        int[]?[] inner = new int[]?[rank];
        if (layout[along] is { } units)
        {
            if (indices is not { Type: DataType.Int64 or DataType.Int32, Shape.Length: <= 1 })
                return false;
            int[] taken = [.. indices.Integers().Select(index => units[index < 0 ? index + units.Length : index])];
            trace.Indices.Add(new UnitSlice(node, 1, 0, SliceRole.Rider, units));
            if (rank == 1)
                inner[0] = taken;
            else
                trace.Pin(taken, $"it is picked by {node}");
        }

        trace.Set(node.Output(), [.. layout[..along], .. inner, .. layout[(along + 1)..]]);
        return true;
    }

    public static bool Transpose(Trace trace, Node node)
    {
        if (trace.LayoutOf(node.Input(0)) is not { } layout)
            return true;
        var order = node.Ints("perm") ?? [.. Enumerable.Range(0, layout.Length).Reverse().Select(axis => (long)axis)];
        trace.Set(node.Output(), [.. order.Select(axis => layout[axis])]);
        return true;
    }

    public static bool Expand(Trace trace, Node node)
    {
        if (trace.LayoutOf(node.Input(0)) is not { } layout)
            return true;
        if (SizeRules.ElementsOf(trace, node, 1) is not { } elements)
            return false;
        var output = new int[]?[Math.Max(layout.Length, elements.Length)];
        if (trace.ShapeOf(node.Output()) is not { } to || to.Length != output.Length)
            return false;
        for (var axis = 0; axis < output.Length; axis++)
        {
            var (own, written) = (axis - output.Length + layout.Length, axis - output.Length + elements.Length);
            if (own >= 0 && layout[own]?.Length == to[axis])
                output[axis] = layout[own];
            else if (own >= 0)
                trace.Pin(layout[own], $"it is broadcast by {node}");
            if (written >= 0)
                trace.Size(elements[written], output[axis], node);
        }

        trace.Set(node.Output(), output);
        return true;
    }

    public static bool Tile(Trace trace, Node node)
    {
        if (trace.LayoutOf(node.Input(0)) is not { } layout)
            return true;
        if (trace.Integers(node, 1, "repeats") is not { } repeats || repeats.Length != layout.Length)
            return false;
        trace.Set(node.Output(), [.. layout.Select((units, axis) => units is null || repeats[axis] == 1
            ? units : Enumerable.Repeat(units, (int)repeats[axis]).SelectMany(all => all).ToArray())]);
        return true;
    }

    static int[]? AxesOf(Trace trace, Node node, int rank)
    {
        var given = trace.Integers(node, 3, "axes");
        if (given is null && node.Input(3).Length > 0)
            return null;
        return given is not null
            ? [.. given.Select(axis => (int)(axis < 0 ? axis + rank : axis))]
            : [.. Enumerable.Range(0, trace.Integers(node, 1, "starts")?.Length ?? rank)];
    }

    static Place PlaceOf(Node node, int input, string attribute, int position) =>
        node.Has(attribute) ? new Place(node, -1, position, attribute) : new Place(node, input, position);

    static int Axis(Node node, int rank, int fallback)
    {
        var axis = (int)node.Int("axis", fallback);
        return axis < 0 ? axis + rank : axis;
    }
}
