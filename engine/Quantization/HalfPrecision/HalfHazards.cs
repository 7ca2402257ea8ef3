using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization.HalfPrecision;

/// <summary>
/// The tensors whose numbers fp16 cannot be trusted to hold: those that were measured beyond a share of its range, and those that are
/// computed with a constant that it does not hold. Where nothing is measured, also powers and sums, and what is computed from any of
/// these until an operator brings it back to a moderate magnitude.
/// </summary>
sealed class HalfHazards
{
    /// <summary>Samples to come may reach further than those that were measured: a factor of two is left to them.</summary>
    const float Headroom = 2;

    static readonly float Greatest = (float)Half.MaxValue;

    readonly Dictionary<string, string> tensors = [];
    readonly HashSet<Node> nodes = [];

    /// <param name="graph">The graph, in float.</param>
    /// <param name="isFloat">Whether a tensor is float32.</param>
    /// <param name="isLayer">Whether a node is a layer, whose constants are looked at elsewhere.</param>
    /// <param name="measured">The greatest magnitudes of the graph's float tensors; null where they were not measured.</param>
    public HalfHazards(Graph graph, Func<string, bool> isFloat, Func<Node, bool> isLayer, IReadOnlyDictionary<string, float>? measured)
    {
        foreach (var (tensor, greatest) in measured ?? new Dictionary<string, float>())
        {
            if (greatest > Greatest / Headroom)
                tensors[tensor] = $"'{tensor}' reaches {greatest:g3} on calibration data, and fp16 ends at {Greatest}, of which half is left to other data";
        }

        foreach (var node in graph.Nodes)
        {
            var constant = isLayer(node) ? null : ConstantOf(graph, node);
            if (constant is not null)
                nodes.Add(node);
            var reason = constant is { } value ? $"is computed with the constant {value:g3}, which fp16 does not hold" : null;
            if (measured is null && !isLayer(node))
            {
                if (HalfOperators.Grows(node))
                    reason ??= "is a power or a sum, and without calibration data its range is not known";
                else if (!HalfOperators.Tames(node) && node.Inputs.Any(tensors.ContainsKey))
                    reason ??= "is computed from numbers that fp16 may not hold";
            }

            if (reason is null)
                continue;
            foreach (var output in node.Outputs.Where(isFloat))
                tensors.TryAdd(output, $"'{output}' {reason}");
        }
    }

    /// <summary>Why a tensor stays float32; null where fp16 holds it.</summary>
    public string? Of(string tensor) => tensors.GetValueOrDefault(tensor);

    /// <summary>Why a node computes in float32: what it reads or makes is not held by fp16. Null where fp16 will do.</summary>
    public string? Of(Node node) => node.Inputs.Concat(node.Outputs).Select(Of).FirstOrDefault(reason => reason is not null);

    /// <summary>Whether a node must compute in float32.</summary>
    public bool Touch(Node node) => nodes.Contains(node) || Of(node) is not null;

    /// <summary>
    /// The constant that would become infinite, or the single number that would become 0; null where there is none. A bound of Clip may
    /// become infinite: no number in fp16 lies beyond it.
    /// </summary>
    static float? ConstantOf(Graph graph, Node node)
    {
        for (var input = 0; input < node.Inputs.Count; input++)
        {
            if (HalfOperators.StaysFloat(node, input) || graph.Initializer(node.Input(input)) is not { Type: DataType.Float } constant)
                continue;
            foreach (var value in constant.Floats())
            {
                if (float.IsFinite(value) && MathF.Abs(value) > Greatest && !node.Is("Clip"))
                    return value;
                if (constant.Count == 1 && value != 0 && (Half)value == Half.Zero)
                    return value;
            }
        }

        return null;
    }
}
