using Compress.Models;

namespace Compress.Layers;

/// <summary>
/// What a user calls a layer: a node with weights. A quantized weight is seen through its DequantizeLinear or Cast, so that a
/// compressed model lists the same kind of layers as the original.
/// </summary>
/// <param name="Graph">The graph that the node is part of: the model's, or the body of an If, Loop or Scan.</param>
/// <param name="Node">The node that multiplies.</param>
/// <param name="Name">
/// The name that a user sees, which no other layer has: the node's own, or its first output's where it has none; within a body after the names
/// of the node that owns it and of the attribute, e.g. <c>/if/then_branch/conv</c>.
/// </param>
/// <param name="Index">The position among the model's layers, from 0.</param>
/// <param name="WeightInput">Which input of the node takes the weight.</param>
/// <param name="Weight">The weight as stored: float32, or what it is quantized to.</param>
/// <param name="Bias">The bias, where it is constant and there is one.</param>
/// <param name="InputShape">Sizes of the activation input for one sample; null where not known.</param>
/// <param name="OutputShape">Sizes of the output for one sample; null where not known.</param>
/// <param name="Macs">Multiply-accumulates for one sample; null where the output's sizes are not known.</param>
/// <param name="Recurrence">The second weight of LSTM, GRU and RNN, which multiplies what the step before gave; null for other layers.</param>
public sealed record Layer(
    Graph Graph, Node Node, string Name, int Index, int WeightInput, Tensor Weight, Tensor? Bias, int[]? InputShape, int[]? OutputShape, long? Macs,
    Tensor? Recurrence = null)
{
    public string Op => Node.OpType;

    /// <summary>The number of weights and biases.</summary>
    public long Parameters => Weights.Sum(weight => weight.Count) + (Bias?.Count ?? 0);

    /// <summary>The bytes that weights and biases take in a file.</summary>
    public long Bytes => Weights.Sum(weight => weight.Bytes) + (Bias?.Bytes ?? 0);

    /// <summary>Which inputs of the node take its weights, in the order of <see cref="Weights"/>.</summary>
    public IReadOnlyList<int> WeightInputs => Recurrence is null ? [WeightInput] : [WeightInput, WeightInput + 1];

    /// <summary>The weight, and the recurrence where there is one.</summary>
    public IReadOnlyList<Tensor> Weights => Recurrence is null ? [Weight] : [Weight, Recurrence];

    /// <summary>Spatial kernel sizes; empty for layers that are no convolution.</summary>
    public int[] Kernel => Node.Is("Conv", "ConvTranspose") ? Weight.Shape[2..] : [];

    public int Groups => (int)Node.Int("group", 1);

    /// <summary>Whether each channel is convolved by itself.</summary>
    public bool IsDepthwise => Node.Is("Conv") && Groups > 1 && Weight.Shape[1] == 1;

    /// <summary>The If, Loop or Scan in whose body the layer stands; null where it stands in none.</summary>
    public Node? Within => Graph.Owner;

    public override string ToString() => $"{Op} '{Name}'";
}
