using Compress.Layers;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Pruning.Dependencies;

/// <summary>Layers: they read the units of their inputs and make units of their own.</summary>
static class LayerRules
{
    public static bool Conv(Trace trace, Node node)
    {
        if (Weight(trace, node, 1) is not { Length: >= 3 } shape || !IsConstantOrAbsent(trace, node.Input(2)))
            return false;
        trace.Only(node, 0, 1);
        var (groups, units) = ((int)node.Int("group", 1), trace.Axis(node.Input(0), 1));
        var output = new int[]?[shape.Length];
        if (groups > 1 && shape[1] == 1)
        {
            // Depthwise: filters go with the channel that they filter.
            if (units is null)
                return true;
            output[1] = Repeat(units, shape[0] / groups);
            trace.Slice(node, 1, 0, SliceRole.Rider, output[1]);
            trace.Size(new Place(node, -1, 0, "group"), units, node);
        }
        else
        {
            Read(trace, node, 1, units, groups);
            output[1] = Make(trace, node, 0, groups);
        }

        AddBias(trace, node, output[1]);
        trace.Set(node.Output(), output);
        return true;
    }

    public static bool ConvTranspose(Trace trace, Node node)
    {
        if (Weight(trace, node, 1) is not { Length: >= 3 } shape || !IsConstantOrAbsent(trace, node.Input(2)))
            return false;
        trace.Only(node, 0, 1);
        var (groups, units) = ((int)node.Int("group", 1), trace.Axis(node.Input(0), 1));
        var output = new int[]?[shape.Length];
        if (groups > 1 && shape[0] == groups)
        {
            if (units is null)
                return true;
            output[1] = Repeat(units, shape[1]);
            trace.Slice(node, 1, 0, SliceRole.Rider, units);
            trace.Size(new Place(node, -1, 0, "group"), units, node);
        }
        else
        {
            if (units is not null)
                trace.Slice(node, 1, 0, SliceRole.Consumer, Alike(trace, node, units, groups));
            output[1] = Repeated(trace.Produce(node, 1, 1), groups);
        }

        AddBias(trace, node, output[1]);
        trace.Set(node.Output(), output);
        return true;
    }

    public static bool Gemm(Trace trace, Node node)
    {
        var (transA, transB) = (node.Int("transA") != 0, node.Int("transB") != 0);
        if (trace.RankOf(node.Input(0)) != 2 || trace.RankOf(node.Input(1)) != 2 || !IsConstantOrAbsent(trace, node.Input(2)))
            return false;
        if (trace.Graph.Initializer(node.Input(2)) is { } added && added.Shape is [.., > 1] && !LayerCatalog.IsBias(added, trace.SizeOf(node.Input(1), transB ? 0 : 1)))
            return false;
        if (trace.Graph.Initializer(node.Input(2)) is { Shape: [> 1, _] } && trace.Axis(node.Input(0), transA ? 1 : 0) is not null)
            return false;
        var output = new int[]?[2];
        if (!Multiply(trace, node, (transA ? 1 : 0, transA ? 0 : 1), (transB ? 1 : 0, transB ? 0 : 1), output))
            return false;
        AddBias(trace, node, output[1]);
        trace.Set(node.Output(), output);
        return true;
    }

    public static bool MatMul(Trace trace, Node node)
    {
        var (a, b) = (trace.RankOf(node.Input(0)), trace.RankOf(node.Input(1)));
        if (a < 2 || b < 2)
            return false;
        var output = new int[]?[Math.Max(a, b)];
        if ((a > 2 && trace.ShapeOf(node.Input(0)) is null) || (b > 2 && trace.ShapeOf(node.Input(1)) is null)
            || !Multiply(trace, node, (a - 2, a - 1), (b - 2, b - 1), output))
        {
            return false;
        }

        for (var axis = 0; axis < output.Length - 2; axis++)
        {
            var operands = new List<(int, int)>();
            if (axis - output.Length + a >= 0)
                operands.Add((0, axis - output.Length + a));
            if (axis - output.Length + b >= 0)
                operands.Add((1, axis - output.Length + b));
            output[axis] = trace.Align(node, operands);
        }

        trace.Set(node.Output(), output);
        return true;
    }

    /// <summary>A table of embeddings makes the width of what it looks up.</summary>
    public static bool Embedding(Trace trace, Node node)
    {
        if (node.Int("axis") != 0 || Weight(trace, node, 0) is not { Length: 2 } || trace.Graph.Initializer(node.Input(1)) is not null
            || trace.RankOf(node.Input(1)) is not (>= 0 and var rank))
        {
            return false;
        }

        var output = new int[]?[rank + 1];
        trace.LayoutOf(node.Input(1))?.CopyTo(output, 0);
        output[rank] = trace.Produce(node, 0, 1);
        trace.Set(node.Output(), output);
        return true;
    }

    /// <summary>The product of an M x K and a K x N matrix; gives the units of the last two axes of the result.</summary>
    static bool Multiply(Trace trace, Node node, (int M, int K) a, (int K, int N) b, int[]?[] output)
    {
        var (left, right) = (trace.Graph.Initializer(node.Input(0)), trace.Graph.Initializer(node.Input(1)));
        if (left is not null && right is not null)
            return false;
        if ((left ?? right) is { Type: not DataType.Float })
            return false;
        var (fromLeft, fromRight) = (trace.Axis(node.Input(0), a.K), trace.Axis(node.Input(1), b.K));
        if (left is not null)
        {
            trace.Slice(node, 0, a.K, SliceRole.Consumer, fromRight);
        }
        else if (right is not null)
        {
            trace.Slice(node, 1, b.K, SliceRole.Consumer, fromLeft);
        }
        else if (fromLeft is null != fromRight is null)
        {
            trace.Pin(fromLeft ?? fromRight, $"its channels are multiplied with what no layer makes in {node}");
        }
        else
        {
            trace.Join(fromLeft, fromRight, node);
        }

        output[^2] = left is null ? trace.Axis(node.Input(0), a.M) : trace.Produce(node, 0, a.M);
        output[^1] = right is null ? trace.Axis(node.Input(1), b.N) : trace.Produce(node, 1, b.N);
        return true;
    }

    /// <summary>The input channels of a convolution, weight axis 1: C_in / g for each of its groups.</summary>
    static void Read(Trace trace, Node node, int axis, int[]? units, int groups)
    {
        if (units is not null)
            trace.Slice(node, 1, axis, SliceRole.Consumer, Alike(trace, node, units, groups)[..(units.Length / groups)]);
    }

    /// <summary>The output channels of a convolution, weight axis 0: as many of each of its groups must stay.</summary>
    static int[] Make(Trace trace, Node node, int axis, int groups) => groups == 1
        ? trace.Produce(node, 1, axis)
        : Alike(trace, node, trace.Produce(node, 1, axis), groups);

    /// <summary>Joins channel j of every group of a convolution.</summary>
    static int[] Alike(Trace trace, Node node, int[] units, int groups)
    {
        if (groups == 1)
            return units;
        var each = units.Length / groups;
        var joint = units[..each];
        for (var i = each; i < units.Length; i++)
            joint[i % each] = trace.Join(joint[i % each], units[i], node);
        return Repeated(joint, groups);
    }

    static void AddBias(Trace trace, Node node, int[]? units)
    {
        if (trace.Graph.Initializer(node.Input(2)) is { Shape: [.., var last] shape } && last != 1)
            trace.Slice(node, 2, shape.Length - 1, SliceRole.Rider, units);
    }

    /// <summary>Each unit several times in a row.</summary>
    static int[] Repeat(int[] units, int times) => times == 1 ? units : [.. units.SelectMany(unit => Enumerable.Repeat(unit, times))];

    /// <summary>All units several times over.</summary>
    static int[] Repeated(int[] units, int times) => times == 1 ? units : [.. Enumerable.Repeat(units, times).SelectMany(all => all)];

    static int[]? Weight(Trace trace, Node node, int input) =>
        trace.Graph.Initializer(node.Input(input)) is { Type: DataType.Float } weight ? weight.Shape : null;

    static bool IsConstantOrAbsent(Trace trace, string tensor) => tensor.Length == 0 || trace.Graph.Initializer(tensor) is not null;
}
