using Compress.Layers;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Pruning;

/// <summary>
/// Finds which channels go together, in one pass over the graph in topological order. Every tensor whose axis 1 holds channels
/// is given the group of those channels; operators join groups, pass them on, or pin them where their effect on channels
/// is not known (dependency groups as in Fang et al., DepGraph, CVPR 2023).
/// </summary>
public sealed class ChannelAnalysis
{
    readonly Graph graph;
    readonly TensorShapes shapes;
    readonly Dictionary<string, Layout> layouts = [];
    readonly Dictionary<ChannelGroup, ChannelGroup> merged = [];
    readonly List<ChannelGroup> created = [];

    ChannelAnalysis(Graph graph, TensorShapes shapes)
    {
        this.graph = graph;
        this.shapes = shapes;
    }

    /// <summary>The groups of a graph that have a producer.</summary>
    /// <param name="graph">The graph, batch normalization folded or not.</param>
    /// <param name="shapes">Measured sizes; tensors without them are not followed.</param>
    public static IReadOnlyList<ChannelGroup> Find(Graph graph, TensorShapes shapes)
    {
        var analysis = new ChannelAnalysis(graph, shapes);
        foreach (var node in graph.Nodes)
            analysis.Visit(node);
        foreach (var output in graph.Outputs)
            analysis.Pin(output.Name, $"its channels reach the graph output '{output.Name}'");
        return [.. analysis.created.Where(group => !analysis.merged.ContainsKey(group) && group.Producers.Count > 0)];
    }

    void Visit(Node node)
    {
        var understood = node.OpType switch
        {
            _ when node.Domain.Length > 0 => false,
            "Conv" => VisitConv(node),
            "Gemm" or "MatMul" => VisitDense(node),
            "Relu" or "LeakyRelu" or "Sigmoid" or "Tanh" or "HardSigmoid" or "HardSwish" or "Elu" or "Selu" or "Celu" or "Softplus"
                or "Softsign" or "Abs" or "Neg" or "Exp" or "Erf" or "Gelu" or "Mish" or "Clip" or "Dropout" or "Identity"
                or "MaxPool" or "AveragePool" or "GlobalAveragePool" or "GlobalMaxPool" => PassOn(node, 1),
            "BatchNormalization" => VisitBatchNormalization(node),
            "Flatten" or "Reshape" => VisitFlatten(node),
            "ReduceMean" => VisitReduceMean(node),
            "Add" or "Sub" or "Mul" or "Div" or "Max" or "Min" or "Sum" or "PRelu" => VisitElementwise(node),
            _ => false,
        };
        if (understood)
            return;
        foreach (var input in node.Inputs)
            Pin(input, $"its channels feed {node}, whose effect on channels is not known");
        foreach (var captured in graph.Bodies(node).SelectMany(body => body.Captured))
            Pin(captured, $"its channels are read inside {node}");
    }

    bool VisitConv(Node node)
    {
        if (graph.Initializer(node.Input(1)) is not { Type: DataType.Float } weight || !IsConstantOrAbsent(node.Input(2)))
            return false;
        var groups = (int)node.Int("group", 1);
        var layout = LayoutOf(node.Input(0));
        if (groups == 1)
        {
            layout?.Group.Consumers.Add(new ChannelSlice(node, 1, 1, layout.Block));
            Produce(node, weight.Shape[0], 0);
            return true;
        }

        if (layout is not { Block: 1 } || groups != layout.Group.Channels || weight.Shape[0] != groups)
            return false;
        layout.Group.Riders.Add(new ChannelSlice(node, 1, 0));
        AddBias(layout.Group, node);
        layouts[node.Output()] = layout;
        return true;
    }

    bool VisitDense(Node node)
    {
        // Only [N, C] · [C, K]: with more axes the channels would lie along the last one.
        if (shapes.Of(node.Input(0))?.Length != 2 || node.Int("transA") != 0
            || graph.Initializer(node.Input(1)) is not { Type: DataType.Float, Shape.Length: 2 } weight || !IsConstantOrAbsent(node.Input(2)))
        {
            return false;
        }

        var outputAxis = node.Is("Gemm") && node.Int("transB") != 0 ? 0 : 1;
        if (graph.Initializer(node.Input(2)) is { } added && added.Shape is [.., > 1] && !LayerCatalog.IsBias(added, weight.Shape[outputAxis]))
            return false;
        if (LayoutOf(node.Input(0)) is { } layout)
            layout.Group.Consumers.Add(new ChannelSlice(node, 1, 1 - outputAxis, layout.Block));
        Produce(node, weight.Shape[outputAxis], outputAxis);
        return true;
    }

    void Produce(Node node, int channels, int axis)
    {
        var group = new ChannelGroup(channels);
        created.Add(group);
        group.Producers.Add(new ChannelSlice(node, 1, axis));
        AddBias(group, node);
        layouts[node.Output()] = new Layout(group, 1);
    }

    void AddBias(ChannelGroup group, Node node)
    {
        if (graph.Initializer(node.Input(2)) is { } bias && LayerCatalog.IsBias(bias, group.Channels))
            group.Riders.Add(new ChannelSlice(node, 2, bias.Shape.Length - 1));
    }

    bool PassOn(Node node, int usedOutputs)
    {
        if (node.Outputs.Skip(usedOutputs).Any(name => name.Length > 0 && graph.Consumers(name).Count > 0))
            return false;
        if (LayoutOf(node.Input(0)) is { } layout)
            layouts[node.Output()] = layout;
        return true;
    }

    bool VisitBatchNormalization(Node node)
    {
        if (!PassOn(node, 1) || Enumerable.Range(1, 4).Any(i => graph.Initializer(node.Input(i)) is null))
            return false;
        if (LayoutOf(node.Input(0)) is { } layout)
        {
            for (var input = 1; input <= 4; input++)
                layout.Group.Riders.Add(new ChannelSlice(node, input, 0, layout.Block));
        }

        return true;
    }

    /// <summary>[N, C, H, W] -> [N, C·H·W]: a channel becomes a block of H·W consecutive entries.</summary>
    bool VisitFlatten(Node node)
    {
        if (LayoutOf(node.Input(0)) is not { } layout)
            return true;
        if (shapes.Of(node.Input(0)) is not { Length: >= 2 } from || shapes.Of(node.Output()) is not { Length: 2 } to || to[0] != from[0])
            return false;
        var block = to[1] / layout.Group.Channels;
        if (block * layout.Group.Channels != to[1])
            return false;
        if (node.Is("Reshape"))
        {
            if (graph.Initializer(node.Input(1)) is not { Type: DataType.Int64 } size || size.Count != 2)
                return false;
            if (size.Values<long>()[1] > 0)
                layout.Group.Riders.Add(new ChannelSlice(node, 1, 1, block));
        }

        layouts[node.Output()] = layout with { Block = block };
        return true;
    }

    bool VisitReduceMean(Node node)
    {
        var axes = node.Ints("axes") ?? graph.Initializer(node.Input(1))?.Integers();
        var rank = shapes.Of(node.Input(0))?.Length ?? 0;
        return axes is { Count: > 0 } && rank > 0 && axes.All(axis => (axis < 0 ? axis + rank : axis) >= 2) && PassOn(node, 1);
    }

    bool VisitElementwise(Node node)
    {
        if (shapes.Of(node.Output()) is not { Length: >= 2 } output)
            return false;
        Layout? joint = null;
        foreach (var input in node.Inputs)
        {
            if (graph.Initializer(input) is not null || LayoutOf(input) is not { } layout)
                continue;
            if (shapes.Of(input)?.Length != output.Length || layout.Group.Channels * layout.Block != output[1])
                return false;
            joint = joint is null ? layout : Join(joint, layout);
            if (joint is null)
                return false;
        }

        if (joint is null)
            return true;
        for (var i = 0; i < node.Inputs.Count; i++)
        {
            if (!Ride(node, i, joint, output))
                return false;
        }

        layouts[node.Output()] = joint;
        return true;
    }

    /// <summary>An operand without channels of its own: a constant for each channel rides along, anything broadcast over channels stays.</summary>
    bool Ride(Node node, int input, Layout joint, int[] output)
    {
        var name = node.Input(input);
        var constant = graph.Initializer(name);
        if (constant is null && LayoutOf(name) is not null)
            return true;
        if ((constant?.Shape ?? shapes.Of(name)) is not { } shape)
            return false;
        var axis = 1 - (output.Length - shape.Length);
        if (axis < 0 || shape[axis] == 1)
            return true;
        if (constant is null || shape[axis] != output[1])
            return false;
        joint.Group.Riders.Add(new ChannelSlice(node, input, axis, joint.Block));
        return true;
    }

    Layout? Join(Layout one, Layout other)
    {
        if (one.Group == other.Group)
            return one.Block == other.Block ? one : null;
        if (one.Group.Channels != other.Group.Channels || one.Block != other.Block)
            return null;
        one.Group.Absorb(other.Group);
        merged[other.Group] = one.Group;
        return one;
    }

    void Pin(string tensor, string reason) => LayoutOf(tensor)?.Group.Pin(reason);

    Layout? LayoutOf(string tensor)
    {
        if (!layouts.TryGetValue(tensor, out var layout))
            return null;
        var group = layout.Group;
        while (merged.TryGetValue(group, out var into))
            group = into;
        return layout with { Group = group };
    }

    bool IsConstantOrAbsent(string tensor) => tensor.Length == 0 || graph.Initializer(tensor) is not null;

    /// <summary>How a tensor's axis 1 is made of a group's channels.</summary>
    sealed record Layout(ChannelGroup Group, int Block);
}
