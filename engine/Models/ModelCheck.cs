using Compress.Diagnostics;
using Compress.Onnx;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Models;

/// <summary>Refuses graphs that no pass could treat: lengths that lie, doubled names, nodes without operators.</summary>
static class ModelCheck
{
    /// <exception cref="CompressException">CMP2005, CMP2006 or CMP2007.</exception>
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

    static void CheckTensor(TensorProto tensor, string path)
    {
        if (tensor.DataLocation == DataLocation.External)
            throw Codes.ExternalData.Fail(path, $"initializer '{tensor.Name}' is stored in another file, which is not supported; store the weights inside the model");
        var type = (DataType)tensor.DataType;
        if (!Enum.IsDefined(type) || type == DataType.Undefined)
            throw Codes.InvalidTensor.Fail(path, $"initializer '{tensor.Name}' has the unknown type {tensor.DataType}");
        if (tensor.Dims.Any(size => size is < 0 or > int.MaxValue))
            throw Codes.InvalidTensor.Fail(path, $"initializer '{tensor.Name}' has the impossible shape [{string.Join(",", tensor.Dims)}]");
        if (type == DataType.String || !tensor.HasRawData)
            return;
        var bits = (Int128)Tensor.BitsOf(type);
        foreach (var size in tensor.Dims)
            bits = bits > (Int128)1 << 80 ? bits : bits * size;
        if ((bits + 7) / 8 != tensor.RawData.Length)
        {
            throw Codes.InvalidTensor.Fail(path,
                $"initializer '{tensor.Name}' of shape [{string.Join(",", tensor.Dims)}] and type {type} holds {tensor.RawData.Length} bytes; it needs {(bits + 7) / 8}");
        }
    }
}
