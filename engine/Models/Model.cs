using Compress.Diagnostics;
using Compress.Onnx;
using Google.Protobuf;

namespace Compress.Models;

/// <summary>An ONNX model in memory: its graph, opsets and the file that it came from.</summary>
public sealed class Model
{
    readonly ModelProto proto;

    Model(ModelProto proto, string path)
    {
        this.proto = proto;
        Path = path;
        Graph = new Graph(proto.Graph);
    }

    /// <summary>The file that the model came from, as the user named it.</summary>
    public string Path { get; }

    public Graph Graph { get; }

    public long IrVersion => proto.IrVersion;

    /// <summary>The version of the standard operator set.</summary>
    public int Opset => (int)(proto.OpsetImport.FirstOrDefault(set => set.Domain is "" or "ai.onnx")?.Version ?? 1);

    /// <summary>Functions that the model defines itself; their names count as operators of their domain.</summary>
    public int LocalFunctions => proto.Functions.Count;

    internal IReadOnlyList<FunctionProto> Functions => proto.Functions;

    /// <exception cref="CompressException">CMP2001 or CMP2002: the file cannot be read, or is no whole ONNX model.</exception>
    public static Model Load(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > int.MaxValue)
                throw Codes.NotOnnx.Fail(path, "the file is over 2 GB, which one protobuf message cannot hold; store the weights as external data");
            return Parse(ByteString.FromStream(stream), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Codes.ModelNotFound.Fail(path, $"cannot read the model: {exception.Message}");
        }
    }

    /// <summary>Reads a model from memory.</summary>
    /// <exception cref="CompressException">CMP2002, CMP2005, CMP2006: the bytes are no whole ONNX model.</exception>
    public static Model Parse(ByteString bytes, string path)
    {
        ModelProto proto;
        try
        {
            proto = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw Codes.NotOnnx.Fail(path, $"the file is not an ONNX model, or is cut short: {exception.Message}");
        }

        if (proto.Graph is null || (proto.Graph.Node.Count == 0 && proto.Graph.Output.Count == 0))
            throw Codes.NotOnnx.Fail(path, "the file is not an ONNX model: it holds no graph");
        ModelCheck.Run(proto.Graph, path);
        return new Model(proto, path);
    }

    /// <summary>A model around a graph that was built in code.</summary>
    public static Model Of(ModelProto proto, string path = "model.onnx") => new(proto, path);

    public Model Clone()
    {
        Graph.Flush();
        return new Model(proto.Clone(), Path);
    }

    /// <summary>The model as a message that holds every edit.</summary>
    public ModelProto ToProto()
    {
        Graph.Flush();
        return proto;
    }

    public byte[] ToBytes() => ToProto().ToByteArray();

    /// <summary>Writes the model so that the file is either whole or not there.</summary>
    /// <exception cref="CompressException">CMP6001: the file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream => ToProto().WriteTo(stream));

    /// <summary>As <see cref="Save"/>, but the target appears only when the result is committed.</summary>
    public PendingFile BeginSave(string path) => AtomicFile.Begin(path, stream => ToProto().WriteTo(stream));

    /// <summary>Names the version of an operator set that nodes of the model use.</summary>
    public void ImportOpset(string domain, int version)
    {
        if (!proto.OpsetImport.Any(set => set.Domain == domain))
            proto.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
    }

    /// <summary>
    /// States the version of the standard operator set, for nodes that are written in it: the opset upgrade
    /// rewrites them.
    /// </summary>
    internal void StateOpset(int version)
    {
        proto.OpsetImport.RemoveWhere(set => set.Domain is "" or "ai.onnx");
        proto.OpsetImport.Insert(0, new OperatorSetIdProto { Domain = "", Version = version });
    }

    /// <summary>Raises the IR version, as dropping initializers from the inputs needs 4.</summary>
    public void RaiseIrVersion(long version) => proto.IrVersion = Math.Max(proto.IrVersion, version);
}
