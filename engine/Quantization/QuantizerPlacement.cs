using Compress.Models;

namespace Compress.Quantization;

/// <summary>
/// Where quantizers go. A tensor gets one quantizer, shared by all that read it, if an int8 operator consumes or must produce it;
/// the need travels upwards through operators that only move data, which then keep one scale on both sides. Nothing is placed on
/// graph outputs unless that is asked, nor on operators whose neighbours stay in float.
/// </summary>
public sealed class QuantizerPlacement
{
    readonly Graph graph;
    readonly HashSet<Node> layers;
    readonly Func<string, bool> isSymmetric;
    readonly bool withOutputs;

    /// <summary>Relu and Clip nodes that cannot be left to a quantizer, as tries have shown.</summary>
    readonly HashSet<Node> unfoldable = [];
    readonly HashSet<string> quantized = [];
    readonly Dictionary<string, string> parents = [];

    /// <summary>Operators without weights that run in int8 since all around them does.</summary>
    HashSet<Node> joiners = [];

    /// <param name="graph">A float graph.</param>
    /// <param name="layers">The layers to run in int8.</param>
    /// <param name="isSymmetric">
    /// Whether a tensor is to have a range symmetric about zero, whose clipping cannot stand for that of a Relu or Clip.
    /// </param>
    /// <param name="withOutputs">Whether graph outputs that int8 layers make get a quantizer too.</param>
    public QuantizerPlacement(Graph graph, IReadOnlySet<Node> layers, Func<string, bool> isSymmetric, bool withOutputs = false)
    {
        this.graph = graph;
        this.layers = [.. layers];
        this.isSymmetric = isSymmetric;
        this.withOutputs = withOutputs;
        IReadOnlyList<Node> broken;
        do
        {
            quantized.Clear();
            parents.Clear();
            joiners = FindJoiners();
            Place();
            Folded = [.. Members.Select(FoldedActivation).OfType<Node>().Where(node => IsQuantized(node.Output()))];
            broken = [.. Folded.Where(node => !RangeImplies(node))];
            unfoldable.UnionWith(broken);
        }
        while (broken.Count > 0);
    }

    /// <summary>Relu and Clip nodes that the quantizer behind them makes superfluous.</summary>
    public IReadOnlyList<Node> Folded { get; private set; } = [];

    /// <summary>Tensors that get a quantizer, in the graph's order.</summary>
    public IReadOnlyList<string> Tensors =>
        [.. graph.Inputs.Select(input => input.Name).Concat(graph.Nodes.SelectMany(node => node.Outputs)).Where(quantized.Contains)];

    IEnumerable<Node> Members => graph.Nodes.Where(node => layers.Contains(node) || joiners.Contains(node));

    public bool IsQuantized(string tensor) => quantized.Contains(tensor);

    /// <summary>The tensor that stands for all that share one scale with this one.</summary>
    public string ScaleOwner(string tensor)
    {
        while (parents.TryGetValue(tensor, out var parent))
            tensor = parent;
        return tensor;
    }

    /// <summary>Whether a tensor's values are new ones, and not those of other tensors moved or joined.</summary>
    public bool IsSource(string tensor) =>
        graph.Producer(tensor) is not { } producer || !(MovesData(producer) || (producer.Is("Concat") && joiners.Contains(producer)));

    /// <summary>What an int8 operator gives once the activation behind it is folded.</summary>
    public string EffectiveOutput(Node node) => FoldedActivation(node)?.Output() ?? node.Output();

    /// <summary>The quantized tensor whose values a tensor holds, moved or not; null where there is none.</summary>
    public string? QuantizedOrigin(string tensor) => Origin(graph, tensor, IsQuantized) is var origin && IsQuantized(origin) ? origin : null;

    /// <summary>The tensor whose values a tensor holds, moved or not.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="isFound">Where to go back no further; null goes back as far as values are only moved.</param>
    internal static string Origin(Graph graph, string tensor, Predicate<string>? isFound = null)
    {
        while (isFound?.Invoke(tensor) != true && graph.Producer(tensor) is { } producer && MovesData(producer))
            tensor = producer.Input(0);
        return tensor;
    }

    /// <summary>Whether a node gives the values of its first input, in other places or some of them.</summary>
    internal static bool MovesData(Node node) =>
        node.Is("Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze") || (node.Is("MaxPool") && node.Output(1).Length == 0);

    static bool CanJoin(Node node) => node.Is("Add", "Mul", "AveragePool", "GlobalAveragePool", "Concat");

    /// <summary>The Relu or Clip behind a node that the quantizer's own clipping can stand for.</summary>
    Node? FoldedActivation(Node node)
    {
        // What Concat gives has the range of all its inputs; a graph output must show what the activation does.
        if (node.Is("Concat") || graph.OnlyConsumer(node.Output()) is not { } next || next.Input(0) != node.Output()
            || graph.IsOutput(next.Output()) || unfoldable.Contains(next))
        {
            return null;
        }

        return BoundsOf(next) is var (low, high) && low <= 0 && high >= 0 ? next : null;
    }

    /// <summary>
    /// Whether the scale of an activation's output clips as the activation does: its range comes from outputs of activations with the
    /// same bounds alone, and is not symmetric.
    /// </summary>
    bool RangeImplies(Node activation)
    {
        var owner = ScaleOwner(activation.Output());
        return quantized.Where(tensor => IsSource(tensor) && ScaleOwner(tensor) == owner).All(tensor =>
            !isSymmetric(tensor) && graph.Producer(tensor) is { } producer && BoundsOf(producer) == BoundsOf(activation));
    }

    /// <summary>The bounds of a Relu or Clip; null for other nodes, and where a bound is computed.</summary>
    (float Low, float High)? BoundsOf(Node node)
    {
        if (node.Is("Relu"))
            return (0, float.PositiveInfinity);
        return node.Is("Clip") && Bound(node, 1, "min", float.NegativeInfinity) is { } low && Bound(node, 2, "max", float.PositiveInfinity) is { } high
            ? (low, high)
            : null;
    }

    float? Bound(Node clip, int input, string attribute, float unbounded)
    {
        if (clip.Input(input).Length == 0)
            return clip.Float(attribute, unbounded);
        return graph.Initializer(clip.Input(input)) is { Count: 1, Type: Onnx.TensorProto.Types.DataType.Float } bound ? bound.Floats()[0] : null;
    }

    /// <summary>The greatest set in which every operator's inputs come from int8 and its output goes to int8.</summary>
    HashSet<Node> FindJoiners()
    {
        var candidates = graph.Nodes.Where(node => CanJoin(node) && node.Inputs.All(input => graph.Initializer(input) is null)).ToHashSet();
        while (candidates.RemoveWhere(node => !FitsIn(node, candidates)) > 0)
        {
        }

        return candidates;
    }

    bool FitsIn(Node node, HashSet<Node> candidates)
    {
        var output = EffectiveOutput(node);
        return !graph.IsOutput(output)
            && node.Inputs.All(input => ComesFromInt8(input, candidates))
            && GoesToInt8(output, candidates);
    }

    bool ComesFromInt8(string tensor, HashSet<Node> candidates)
    {
        if (IsReadByLayer(tensor))
            return true;
        if (graph.Producer(tensor) is not { } producer)
            return false;
        if (layers.Contains(producer) || candidates.Contains(producer))
            return true;
        if (MovesData(producer))
            return ComesFromInt8(producer.Input(0), candidates);
        return producer.Inputs.Count > 0 && graph.Producer(producer.Input(0)) is { } before && (layers.Contains(before) || candidates.Contains(before))
            && FoldedActivation(before) == producer;
    }

    /// <summary>Whether an int8 layer reads a tensor, moved or not: it gets a quantizer for that alone.</summary>
    bool IsReadByLayer(string tensor) => graph.Consumers(tensor).Any(consumer =>
        consumer.Input(0) == tensor && (layers.Contains(consumer) || (MovesData(consumer) && IsReadByLayer(consumer.Output()))));

    bool GoesToInt8(string tensor, HashSet<Node> candidates) => graph.Consumers(tensor).Any(consumer =>
        layers.Contains(consumer) || candidates.Contains(consumer) || (MovesData(consumer) && GoesToInt8(consumer.Output(), candidates)));

    void Place()
    {
        foreach (var node in Members.ToArray())
        {
            IEnumerable<string> inputs = layers.Contains(node) ? [node.Input(0)] : node.Inputs;
            foreach (var input in inputs)
                Need(input);
            var output = EffectiveOutput(node);
            if (graph.IsOutput(output))
            {
                if (withOutputs && graph.Producer(output) is not null)
                    Need(output);
                continue;
            }

            // A dense layer may give float itself; the kernels of the others only give int8.
            if (!node.Is("Gemm", "MatMul") || GoesToInt8(output, joiners))
                Need(output);
        }

        foreach (var concat in joiners.Where(node => node.Is("Concat")))
        {
            foreach (var input in concat.Inputs)
                Share(input, EffectiveOutput(concat));
        }
    }

    void Need(string tensor)
    {
        if (!quantized.Add(tensor) || graph.Producer(tensor) is not { } producer || !MovesData(producer))
            return;
        Need(producer.Input(0));
        Share(tensor, producer.Input(0));
    }

    void Share(string tensor, string with)
    {
        var (one, other) = (ScaleOwner(tensor), ScaleOwner(with));
        if (one != other)
            parents[one] = other;
    }
}
