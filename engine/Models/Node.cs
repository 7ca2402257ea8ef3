using Compress.Onnx;
using Google.Protobuf;

namespace Compress.Models;

/// <summary>
/// A node of a graph: one call of an operator. Wiring (inputs and outputs) is changed through <see cref="Graph"/> alone,
/// so that its index always tells the truth; attributes are set here. Nodes compare by reference.
/// </summary>
public sealed class Node
{
    /// <summary>The domain of the operators that ONNX Runtime adds to the standard ones.</summary>
    public const string RuntimeDomain = "com.microsoft";

    internal Node(NodeProto proto) => Proto = proto;

    internal NodeProto Proto { get; }

    public string Name => Proto.Name;

    public string OpType => Proto.OpType;

    /// <summary>The operator's domain; empty for the standard one.</summary>
    public string Domain => Proto.Domain is "ai.onnx" ? "" : Proto.Domain;

    /// <summary>Names of the input tensors; an empty name stands for an optional input that is left out.</summary>
    public IReadOnlyList<string> Inputs => Proto.Input;

    public IReadOnlyList<string> Outputs => Proto.Output;

    /// <summary>The name that a user sees: the node's own, or its first output's where it has none.</summary>
    public string DisplayName => Proto.Name.Length > 0 ? Proto.Name : Proto.Output.FirstOrDefault(name => name.Length > 0) ?? "";

    /// <summary>A node that is not yet part of a graph.</summary>
    public static Node Create(string opType, string name, IEnumerable<string> inputs, IEnumerable<string> outputs, string domain = "")
    {
        var proto = new NodeProto { OpType = opType, Name = name };
        if (domain.Length > 0)
            proto.Domain = domain;
        proto.Input.AddRange(inputs);
        proto.Output.AddRange(outputs);
        return new Node(proto);
    }

    /// <summary>Whether this is one of the given operators of the standard domain.</summary>
    public bool Is(params ReadOnlySpan<string> opTypes) => Domain.Length == 0 && opTypes.Contains(OpType);

    /// <summary>Whether this is QuantizeLinear, of the standard domain or the runtime's own.</summary>
    public bool IsQuantizer => OpType == "QuantizeLinear" && Domain is "" or RuntimeDomain;

    /// <summary>Whether this is DequantizeLinear, of the standard domain or the runtime's own.</summary>
    public bool IsDequantizer => OpType == "DequantizeLinear" && Domain is "" or RuntimeDomain;

    /// <summary>Whether this is the runtime's own LSTM over int8 weights.</summary>
    public bool IsDynamicLstm => OpType == "DynamicQuantizeLSTM" && Domain == RuntimeDomain;

    /// <summary>The input's name, or an empty string where the node has no such input.</summary>
    public string Input(int index) => index < Proto.Input.Count ? Proto.Input[index] : "";

    public string Output(int index = 0) => index < Proto.Output.Count ? Proto.Output[index] : "";

    public bool Has(string attribute) => Find(attribute) is not null;

    public long Int(string attribute, long fallback = 0) => Find(attribute)?.I ?? fallback;

    public float Float(string attribute, float fallback = 0) => Find(attribute)?.F ?? fallback;

    public string Text(string attribute, string fallback = "") => Find(attribute)?.S.ToStringUtf8() ?? fallback;

    public IReadOnlyList<long>? Ints(string attribute) => Find(attribute)?.Ints;

    /// <summary>A list of floats; empty where the node has no such attribute.</summary>
    public float[] FloatList(string attribute) => Find(attribute) is { } found ? [.. found.Floats] : [];

    public Tensor? TensorAttribute(string attribute) => Find(attribute)?.T is { } proto ? new Tensor(proto) : null;

    internal SparseTensorProto? SparseAttribute(string attribute) => Find(attribute)?.SparseTensor?.Clone();

    public Node With(string attribute, long value) =>
        Set(new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Int, I = value });

    public Node With(string attribute, float value) =>
        Set(new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Float, F = value });

    public Node With(string attribute, string value) =>
        Set(new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) });

    public Node With(string attribute, params IEnumerable<long> values)
    {
        var proto = new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Ints };
        proto.Ints.AddRange(values);
        return Set(proto);
    }

    public Node WithFloats(string attribute, params IEnumerable<float> values)
    {
        var proto = new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Floats };
        proto.Floats.AddRange(values);
        return Set(proto);
    }

    public Node With(string attribute, Tensor value) =>
        Set(new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Tensor, T = value.Proto });

    internal Node With(string attribute, GraphProto body) =>
        Set(new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Graph, G = body });

    /// <summary>Takes over every attribute of another node that this one does not have.</summary>
    public Node WithAttributesOf(Node other, params ReadOnlySpan<string> except)
    {
        foreach (var attribute in other.Proto.Attribute)
        {
            if (!except.Contains(attribute.Name) && !Has(attribute.Name))
                Proto.Attribute.Add(attribute.Clone());
        }

        return this;
    }

    public Node Without(string attribute)
    {
        if (Find(attribute) is { } found)
            Proto.Attribute.Remove(found);
        return this;
    }

    public override string ToString() => $"{OpType} '{DisplayName}'";

    /// <summary>For each body of an If, Loop or Scan, the name of its attribute, numbered where one attribute holds several.</summary>
    public IEnumerable<string> BodyNames()
    {
        foreach (var attribute in Proto.Attribute)
        {
            if (attribute.G is not null)
                yield return attribute.Name;
            for (var i = 0; i < attribute.Graphs.Count; i++)
                yield return $"{attribute.Name}[{i}]";
        }
    }

    /// <summary>The bodies of If, Loop and Scan.</summary>
    internal IEnumerable<GraphProto> Subgraphs()
    {
        foreach (var attribute in Proto.Attribute)
        {
            if (attribute.G is not null)
                yield return attribute.G;
            foreach (var graph in attribute.Graphs)
                yield return graph;
        }
    }

    AttributeProto? Find(string name)
    {
        foreach (var attribute in Proto.Attribute)
        {
            if (attribute.Name == name)
                return attribute;
        }

        return null;
    }

    Node Set(AttributeProto attribute)
    {
        Without(attribute.Name);
        Proto.Attribute.Add(attribute);
        return this;
    }
}
