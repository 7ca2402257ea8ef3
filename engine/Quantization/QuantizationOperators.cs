using Compress.Models;

namespace Compress.Quantization;

/// <summary>
/// QuantizeLinear and DequantizeLinear as a model's opset has them: those of the standard domain from the opset on in which they take a
/// scale for each channel, before that ONNX Runtime's own of the same form.
/// </summary>
sealed class QuantizationOperators
{
    /// <summary>The first opset whose DequantizeLinear takes a scale for each channel.</summary>
    const int LeastOpsetOfChannels = 13;

    /// <summary>The first opset whose QuantizeLinear makes 16-bit integers.</summary>
    const int LeastOpsetOf16Bits = 21;

    /// <summary>The first opset with QLinearConv, into which the runtime fuses a convolution between its own operators as well.</summary>
    public const int LeastOpset = 10;

    /// <summary>Clip takes its bounds as inputs from this opset on.</summary>
    const int FirstOpsetWithBoundsAsInputs = 11;

    readonly string domain;
    readonly bool boundsAreInputs;

    /// <summary>The first opset whose own operators do what is asked.</summary>
    /// <param name="activationBits">8 or 16.</param>
    public static int LeastStandardOpset(int activationBits) => activationBits > 8 ? LeastOpsetOf16Bits : LeastOpsetOfChannels;

    /// <summary>Names the operators' domain in the model where it is not the standard one.</summary>
    public QuantizationOperators(Model model, int activationBits = 8)
    {
        domain = model.Opset >= LeastStandardOpset(activationBits) ? "" : Node.RuntimeDomain;
        boundsAreInputs = model.Opset >= FirstOpsetWithBoundsAsInputs;
        if (domain.Length > 0)
            model.ImportOpset(domain, 1);
    }

    public Node Quantize(Graph graph, string name, string input, string scale, string zeroPoint, string output) =>
        Node.Create("QuantizeLinear", graph.Fresh(name), [input, scale, zeroPoint], [output], domain);

    /// <param name="graph">The graph that the node is for.</param>
    /// <param name="name">A stem for the node's name.</param>
    /// <param name="input">The integers.</param>
    /// <param name="scale">One scale, or one for each channel.</param>
    /// <param name="zeroPoint">As many zero points.</param>
    /// <param name="output">The tensor to make.</param>
    /// <param name="axis">The axis of channels; null for one scale.</param>
    public Node Dequantize(Graph graph, string name, string input, string scale, string zeroPoint, string output, int? axis = null)
    {
        var node = Node.Create("DequantizeLinear", graph.Fresh(name), [input, scale, zeroPoint], [output], domain);
        return axis is { } channels ? node.With("axis", channels) : node;
    }

    public Node Clip(Graph graph, string input, float low, float high, string output)
    {
        if (!boundsAreInputs)
            return Node.Create("Clip", graph.Fresh(input + "/float"), [input], [output]).With("min", low).With("max", high);
        string[] bounds = [graph.Add(Tensor.Scalar(graph.Fresh(input + "_low"), low)), graph.Add(Tensor.Scalar(graph.Fresh(input + "_high"), high))];
        return Node.Create("Clip", graph.Fresh(input + "/float"), [input, .. bounds], [output]);
    }
}
