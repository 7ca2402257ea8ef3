using Compress.Diagnostics;
using Compress.Onnx;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Models;

/// <summary>Refuses graphs that no pass could treat: lengths that lie, doubled names, nodes without operators.</summary>
static class ModelCheck
{
    /// <exception cref="CompressException">CMP2006 or CMP2007.</exception>
    public static void Run(ModelProto model, string path)
    {
        CheckGraph(model.Graph, path);
        foreach (var node in model.Functions.SelectMany(function => function.Node))
            CheckNode(node, path);
    }

    /// <exception cref="CompressException">CMP2006: the data is more or less than the type and the shape take.</exception>
    public static void CheckTensor(TensorProto tensor, string name, string path)
    {
        var bytes = BytesOf(name, tensor, path);
        var form = $"{name} of shape [{string.Join(",", tensor.Dims)}] and type {(DataType)tensor.DataType}";
        if (tensor.HasRawData && (DataType)tensor.DataType != DataType.String)
        {
            if (bytes != tensor.RawData.Length)
                throw Codes.InvalidTensor.Fail(path, $"{form} holds {tensor.RawData.Length} bytes; it needs {bytes}");
        }
        else if (NumbersIn(tensor) is { } numbers && tensor.Dims.Aggregate((Int128)1, (product, size) => product > (Int128)1 << 80 ? product : product * size) is var needed && numbers != needed)
        {
            throw Codes.InvalidTensor.Fail(path, $"{form} holds {numbers} elements; it needs {needed}");
        }
    }

    static void CheckGraph(GraphProto graph, string path)
    {
        foreach (var tensor in graph.Initializer)
            CheckTensor(tensor, $"initializer '{tensor.Name}'", path);
        foreach (var sparse in graph.SparseInitializer)
            SparseTensors.Check(sparse, $"sparse initializer '{sparse.Values?.Name}'", path);
        var made = graph.Initializer.Select(tensor => tensor.Name).Concat(graph.SparseInitializer.Select(sparse => sparse.Values.Name)).ToHashSet();
        foreach (var node in graph.Node)
        {
            CheckNode(node, path);
            foreach (var output in node.Output)
            {
                if (output.Length > 0 && !made.Add(output))
                    throw Codes.InvalidGraph.Fail(path, $"tensor '{output}' is made by more than one node");
            }
        }
    }

    static void CheckNode(NodeProto node, string path)
    {
        if (node.OpType.Length == 0)
            throw Codes.InvalidGraph.Fail(path, $"node '{node.Name}' names no operator");
        foreach (var attribute in node.Attribute)
        {
            var name = $"attribute '{attribute.Name}' of {new Node(node)}";
            if (node.OpType == "Constant" && attribute.T is not null)
                CheckTensor(attribute.T, name, path);
            if (attribute.SparseTensor is not null)
                SparseTensors.Check(attribute.SparseTensor, name, path);
        }

        foreach (var body in new Node(node).Subgraphs())
            CheckGraph(body, path);
    }

    /// <summary>How many elements the fields of a type hold; null where they are packed.</summary>
    static int? NumbersIn(TensorProto tensor) => (DataType)tensor.DataType switch
    {
        DataType.Float => tensor.FloatData.Count,
        DataType.Complex64 => tensor.FloatData.Count / 2,
        DataType.Double => tensor.DoubleData.Count,
        DataType.Complex128 => tensor.DoubleData.Count / 2,
        DataType.Int64 => tensor.Int64Data.Count,
        DataType.Uint64 or DataType.Uint32 => tensor.Uint64Data.Count,
        DataType.String => tensor.StringData.Count,
        var type when Tensor.BitsOf(type) >= 8 => tensor.Int32Data.Count,
        _ => null,
    };

    /// <summary>The bytes that a tensor's type and shape take; strings have no size, and give 0.</summary>
    /// <exception cref="CompressException">CMP2006: the type is unknown or the shape impossible.</exception>
    public static Int128 BytesOf(string name, TensorProto tensor, string path)
    {
        var type = (DataType)tensor.DataType;
        if (!Enum.IsDefined(type) || type == DataType.Undefined)
            throw Codes.InvalidTensor.Fail(path, $"{name} has the unknown type {tensor.DataType}");
        if (tensor.Dims.Any(size => size is < 0 or > int.MaxValue))
            throw Codes.InvalidTensor.Fail(path, $"{name} has the impossible shape [{string.Join(",", tensor.Dims)}]");
        if (type == DataType.String)
            return 0;
        var bits = (Int128)Tensor.BitsOf(type);
        foreach (var size in tensor.Dims)
            bits = size > 0 && bits > (Int128)1 << 80 ? bits : bits * size;
        return (bits + 7) / 8;
    }
}
