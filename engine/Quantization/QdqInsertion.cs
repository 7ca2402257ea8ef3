using Compress.Models;

namespace Compress.Quantization;

/// <summary>
/// Writes a quantized model in the QuantizeLinear/DequantizeLinear form: the graph keeps its float operators, and runtimes fuse each
/// with the pairs around it into an int8 kernel.
/// </summary>
sealed class QdqInsertion(Graph graph, QuantizationOperators operators)
{
    readonly Dictionary<string, (string Scale, string ZeroPoint)> constants = [];
    readonly List<(Tensor Weight, int Axis, float[] Scales, string Dequantized)> weights = [];

    /// <summary>Puts a quantizer and a dequantizer behind a tensor; all that read it read the dequantized values instead.</summary>
    /// <param name="tensor">A float tensor, computed or fed.</param>
    /// <param name="scaleOwner">Tensors with one owner share the constants.</param>
    /// <param name="parameters">Its scale and zero point.</param>
    public void QuantizeActivation(string tensor, string scaleOwner, QuantizationParameters parameters)
    {
        var (scale, zeroPoint) = ConstantsOf(scaleOwner, parameters);
        var quantized = graph.Fresh(tensor + "_q");
        var (source, dequantized) = Part(tensor);
        var quantize = operators.Quantize(graph, tensor + "/Q", source, scale, zeroPoint, quantized);
        var dequantize = operators.Dequantize(graph, tensor + "/DQ", quantized, scale, zeroPoint, dequantized);
        if (graph.Producer(source) is { } producer)
            graph.InsertAfter(producer, quantize, dequantize);
        else
            graph.InsertFirst(quantize, dequantize);
    }

    /// <summary>Parts what makes a tensor from what reads it; a graph output keeps its name.</summary>
    (string Source, string Dequantized) Part(string tensor)
    {
        if (graph.IsOutput(tensor))
        {
            var source = graph.Fresh(tensor + "_float");
            var producer = graph.Producer(tensor)!;
            graph.SetOutput(producer, producer.Outputs.Index().First(output => output.Item == tensor).Index, source);
            return (source, tensor);
        }

        var dequantized = graph.Fresh(tensor + "_dq");
        graph.ReplaceUses(tensor, dequantized);
        return (tensor, dequantized);
    }

    /// <summary>Stores a layer's weight in int8 and its bias in int32, each behind a DequantizeLinear. Layers come in the graph's order.</summary>
    public void QuantizeWeight(Node node, int axis, QuantizedWeight weight, float inputScale)
    {
        var float32 = graph.Initializer(node.Input(1))!;
        var perChannel = weight.Scales.Length > 1;
        int[] scaleShape = perChannel ? [weight.Scales.Length] : [];
        // Layers that share a weight go on sharing it where their biases have not parted the scales.
        var shared = weights.Find(entry => entry.Weight == float32 && entry.Axis == axis && entry.Scales.AsSpan().SequenceEqual(weight.Scales));
        if (shared.Dequantized is not null)
        {
            graph.SetInput(node, 1, shared.Dequantized);
        }
        else
        {
            Dequantize(node, 1, axis, perChannel,
                Tensor.Of<sbyte>(graph.Fresh(float32.Name + "_q"), weight.Values, float32.Shape),
                Tensor.Of<float>(graph.Fresh(float32.Name + "_scale"), weight.Scales, scaleShape),
                Tensor.Of<sbyte>(graph.Fresh(float32.Name + "_zero_point"), new sbyte[weight.Scales.Length], scaleShape));
            weights.Add((float32, axis, weight.Scales, node.Input(1)));
        }

        if (weight.Bias is null)
            return;
        var bias = node.Input(2);
        var biasScales = Array.ConvertAll(weight.Scales, scale => inputScale * scale);
        Dequantize(node, 2, 0, perChannel,
            Tensor.Of<int>(graph.Fresh(bias + "_q"), weight.Bias, weight.Bias.Length),
            Tensor.Of<float>(graph.Fresh(bias + "_scale"), biasScales, scaleShape),
            Tensor.Of<int>(graph.Fresh(bias + "_zero_point"), new int[biasScales.Length], scaleShape));
    }

    /// <summary>
    /// Keeps a layer in float that reads a quantized tensor. ONNX Runtime quantizes the weights of a float layer behind a
    /// DequantizeLinear by itself, with one scale for all; a Clip to the very range that the tensor can take, which changes no value,
    /// stands between the two.
    /// </summary>
    public void KeepInFloat(Node layer, int input, QuantizationParameters parameters)
    {
        var tensor = layer.Input(input);
        var clip = operators.Clip(graph, tensor, parameters.Low, parameters.High, graph.Fresh(tensor + "_float"));
        graph.InsertBefore(layer, clip);
        graph.SetInput(layer, input, clip.Output());
    }

    void Dequantize(Node node, int input, int axis, bool perChannel, Tensor values, Tensor scale, Tensor zeroPoint)
    {
        var old = node.Input(input);
        var dequantize = operators.Dequantize(
            graph, old + "/DQ", graph.Add(values), graph.Add(scale), graph.Add(zeroPoint), graph.Fresh(old + "_dq"), perChannel ? axis : null);
        graph.InsertBefore(node, dequantize);
        graph.SetInput(node, input, dequantize.Output());
    }

    (string Scale, string ZeroPoint) ConstantsOf(string owner, QuantizationParameters parameters)
    {
        if (constants.TryGetValue(owner, out var names))
            return names;
        var zeroPoint = graph.Fresh(owner + "_zero_point");
        names = (
            graph.Add(Tensor.Scalar(graph.Fresh(owner + "_scale"), parameters.Scale)),
            graph.Add((parameters.IsSigned, parameters.Bits) switch
            {
                (true, 8) => Tensor.Scalar(zeroPoint, (sbyte)parameters.ZeroPoint),
                (false, 8) => Tensor.Scalar(zeroPoint, (byte)parameters.ZeroPoint),
                (true, _) => Tensor.Scalar(zeroPoint, (short)parameters.ZeroPoint),
                _ => Tensor.Scalar(zeroPoint, (ushort)parameters.ZeroPoint),
            }));
        constants.Add(owner, names);
        return names;
    }
}
