using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Layers;

/// <summary>Sizes of a model as a whole.</summary>
public static class ModelSize
{
    /// <summary>The inputs of a dynamic LSTM from here on say how its weights are quantized.</summary>
    const int FirstScale = 8;

    /// <summary>
    /// The number of parameters, those in bodies included: floating-point constants, and quantized ones behind a DequantizeLinear, in a table, or in
    /// an operator that computes with them. Scales and zero points describe parameters and are none; neither are shapes, axes and other integers.
    /// </summary>
    public static long Parameters(Graph graph) =>
        graph.WithBodies().Sum(part => part.Initializers.Where(tensor => IsParameter(part, tensor)).Sum(tensor => CountOf(part, tensor)));

    /// <summary>Multiply-accumulates of all layers for one sample; null where a layer's sizes are not known.</summary>
    public static long? Macs(IReadOnlyList<Layer> layers) =>
        layers.All(layer => layer.Macs is not null) ? layers.Sum(layer => layer.Macs) : null;

    /// <summary>What is stored several to a byte counts for what it stands for.</summary>
    static long CountOf(Graph graph, Tensor tensor) => Meaning(graph, tensor)?.Count ?? tensor.Count;

    static Tensor? Meaning(Graph graph, Tensor tensor)
    {
        if (tensor.Type != DataType.Uint8)
            return null;
        return graph.Readers(tensor.Name).Select(node => PackedWeights.Of(graph, node)).FirstOrDefault(packed => packed?.Stored == tensor)?.Meaning
            ?? PackedIntegers.MeaningOf(graph, tensor);
    }

    static bool IsParameter(Graph graph, Tensor tensor)
    {
        var readers = graph.Readers(tensor.Name).ToList();
        if (Meaning(graph, tensor) is not null)
            return true;
        if (readers.Any(node => node.IsDequantizer && node.Input(0) == tensor.Name))
            return true;
        if (tensor.Type == DataType.Uint8 && readers.SelectMany(node => graph.Readers(node.Output())).Any(node => LayerCatalog.SharedIndices(graph, node)?.Stored == tensor))
            return true;
        if (readers.Count > 0 && readers.All(node => node.Input(0) == tensor.Name && LayerCatalog.SharedIndices(graph, node) is not null))
            return false;
        if (tensor.Type == DataType.Int8 && readers.Any(node => (node.Is("MatMulInteger") && node.Input(1) == tensor.Name) || (node.IsDynamicLstm && node.Inputs.Take(3).Contains(tensor.Name))))
            return true;
        if (tensor.Type == DataType.Int8 && tensor.Shape.Length == 2 && readers.Any(node => node.Is("Gather") && node.Input(0) == tensor.Name))
            return true;
        return tensor.Type is DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16
            && !readers.All(node => node.IsQuantizer || node.IsDequantizer || IsScaleOf(graph, tensor, node));
    }

    /// <summary>Whether a constant is the scale of a weight to a node that computes with integers, or that multiplies it with an input's scale for one.</summary>
    static bool IsScaleOf(Graph graph, Tensor tensor, Node reader) =>
        PackedWeights.IsScale(graph, tensor, reader) || PackedIntegers.BehindMagnitudes(graph, reader) is not null
        || (reader.IsDynamicLstm && reader.Inputs.Skip(FirstScale).Contains(tensor.Name))
        || (reader.Is("Mul") && reader.Inputs.Any(input => graph.Producer(input) is { } producer && producer.Is("DynamicQuantizeLinear") && producer.Output(1) == input));
}
