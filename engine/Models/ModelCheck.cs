using Compress.Diagnostics;
using Compress.Onnx;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Models;

/// <summary>Refuses graphs that no pass could treat: lengths that lie, doubled names, nodes without operators.</summary>
static class ModelCheck
{
    /// <exception cref="CompressException">CMP2006 or CMP2007.</exception>
    public static void Run(GraphProto graph, string path)
    {
        foreach (var tensor in graph.Initializer)
            CheckTensor(tensor, path);
        var made = new HashSet<string>();
        foreach (var node in graph.Node)
        {
            if (node.OpType.Length == 0)
                throw Codes.InvalidGraph.Fail(path, $"node '{node.Name}' names no operator");
            foreach (var output in node.Output)
            {
                if (output.Length > 0 && !made.Add(output))
                    throw Codes.InvalidGraph.Fail(path, $"tensor '{output}' is made by more than one node");
            }
        }
    }

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

    static void CheckTensor(TensorProto tensor, string path)
    {
        var bytes = BytesOf($"initializer '{tensor.Name}'", tensor, path);
        if ((DataType)tensor.DataType == DataType.String || !tensor.HasRawData)
            return;
        if (bytes != tensor.RawData.Length)
        {
            throw Codes.InvalidTensor.Fail(path,
                $"initializer '{tensor.Name}' of shape [{string.Join(",", tensor.Dims)}] and type {(DataType)tensor.DataType} holds {tensor.RawData.Length} bytes; it needs {bytes}");
        }
    }
}
