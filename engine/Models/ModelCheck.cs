using Compress.Diagnostics;
using Compress.Onnx;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Models;

/// <summary>
/// Refuses models that no pass could treat, and those on which ONNX Runtime is known to end the process instead of refusing them: lengths
/// that lie, doubled names, nodes without operators. Bodies and functions are looked at as the graph is.
/// </summary>
static class ModelCheck
{
    /// <summary>From this opset on, BatchNormalization has no outputs that are for training alone.</summary>
    const int TrainingModeOpset = 14;

    /// <exception cref="CompressException">CMP2006 or CMP2007.</exception>
    public static void Run(ModelProto model, string path)
    {
        foreach (var (name, tensor) in TensorProtos.Of(model))
            CheckTensor(name, tensor, path);
        if (model.Graph.Output.Count == 0)
            throw Codes.InvalidGraph.Fail(path, "the graph has no output, so that nothing in it is of any use; name one");
        CheckGraph(model.Graph, OpsetOf(model.OpsetImport), path);
        foreach (var function in model.Functions)
            CheckNodes(function.Node, OpsetOf(function.OpsetImport), path, []);
    }

    /// <summary>The bytes that a tensor's type and shape take; strings have no size, and give 0.</summary>
    /// <exception cref="CompressException">CMP2006: the type is unknown or the shape impossible.</exception>
    public static Int128 BytesOf(string name, TensorProto tensor, string path)
    {
        var type = (DataType)tensor.DataType;
        if (!Enum.IsDefined(type) || type == DataType.Undefined)
            throw Codes.InvalidTensor.Fail(path, $"{name} has the unknown type {tensor.DataType}");
        if (tensor.Dims.Any(size => size is < 0 or > int.MaxValue))
            throw Codes.InvalidTensor.Fail(path, $"{name} has the impossible shape {ShapeOf(tensor)}");
        return type == DataType.String ? 0 : ((CountOf(tensor) * Tensor.BitsOf(type)) + 7) / 8;
    }

    static void CheckGraph(GraphProto graph, long opset, string path)
    {
        foreach (var sparse in graph.SparseInitializer)
            SparseTensors.Check(sparse, $"sparse initializer '{sparse.Values?.Name}'", path);
        CheckNodes(graph.Node, opset, path, graph.Initializer.Select(tensor => tensor.Name).Concat(graph.SparseInitializer.Select(sparse => sparse.Values.Name)));
    }

    static void CheckNodes(IEnumerable<NodeProto> nodes, long opset, string path, IEnumerable<string> constants)
    {
        var made = constants.ToHashSet();
        foreach (var proto in nodes)
        {
            if (proto.OpType.Length == 0)
                throw Codes.InvalidGraph.Fail(path, $"node '{proto.Name}' names no operator");
            foreach (var output in proto.Output)
            {
                if (output.Length > 0 && !made.Add(output))
                    throw Codes.InvalidGraph.Fail(path, $"tensor '{output}' is made by more than one node");
            }

            var node = new Node(proto);
            foreach (var attribute in proto.Attribute.Where(attribute => attribute.SparseTensor is not null))
                SparseTensors.Check(attribute.SparseTensor, $"attribute '{attribute.Name}' of {node}", path);
            // Such a name ends the process in the runtime's kernel, which takes the training form for granted.
            if (opset < TrainingModeOpset && node.Is("BatchNormalization") && proto.Output.Skip(1).Contains(""))
                throw Codes.InvalidGraph.Fail(path, $"{node} lists outputs without names after the first, which ONNX Runtime cannot run before opset {TrainingModeOpset}; remove them");
            foreach (var body in node.Subgraphs())
                CheckGraph(body, opset, path);
        }
    }

    static long OpsetOf(IEnumerable<OperatorSetIdProto> imports) => imports.FirstOrDefault(set => set.Domain is "" or "ai.onnx")?.Version ?? 1;

    /// <exception cref="CompressException">CMP2006: the data is more or less than the type and the shape take.</exception>
    public static void CheckTensor(string name, TensorProto tensor, string path)
    {
        var (bytes, type, what) = (BytesOf(name, tensor, path), (DataType)tensor.DataType, $"{name} of shape {ShapeOf(tensor)} and type {(DataType)tensor.DataType}");
        if (tensor.HasRawData && type != DataType.String)
        {
            if (bytes != tensor.RawData.Length)
                throw Codes.InvalidTensor.Fail(path, $"{what} holds {tensor.RawData.Length} bytes; it needs {bytes}");
            return;
        }

        var (held, needed) = (EntriesOf(tensor), EntriesFor(type, CountOf(tensor)));
        if (held != needed)
            throw Codes.InvalidTensor.Fail(path, $"{what} holds {held} numbers in the field of its type; it needs {needed}");
    }

    /// <summary>The product of the sizes, or some number that is too large for anything.</summary>
    static Int128 CountOf(TensorProto tensor)
    {
        if (tensor.Dims.Contains(0))
            return 0;
        var count = Int128.One;
        foreach (var size in tensor.Dims)
            count = count > (Int128)1 << 64 ? count : count * size;
        return count;
    }

    /// <summary>The length of the field that a type's numbers stand in where they are not raw.</summary>
    static int EntriesOf(TensorProto tensor) => (DataType)tensor.DataType switch
    {
        DataType.Float or DataType.Complex64 => tensor.FloatData.Count,
        DataType.Double or DataType.Complex128 => tensor.DoubleData.Count,
        DataType.Int64 => tensor.Int64Data.Count,
        DataType.Uint32 or DataType.Uint64 => tensor.Uint64Data.Count,
        DataType.String => tensor.StringData.Count,
        _ => tensor.Int32Data.Count,
    };

    /// <summary>Complex numbers take two entries each; numbers of 4 bits share one.</summary>
    static Int128 EntriesFor(DataType type, Int128 count) => type switch
    {
        DataType.Complex64 or DataType.Complex128 => count * 2,
        DataType.Uint4 or DataType.Int4 or DataType.Float4E2M1 => (count + 1) / 2,
        _ => count,
    };

    static string ShapeOf(TensorProto tensor) => $"[{string.Join(",", tensor.Dims)}]";
}
