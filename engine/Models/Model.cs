using Compress.Diagnostics;
using Compress.Onnx;
using Google.Protobuf;

namespace Compress.Models;

/// <summary>
/// An ONNX model in memory: its graph, opsets and the file that it came from. Tensors in external data are views of mapped files, which
/// are open until the model is disposed; a clone shares them, and must not be used longer than the model that it comes from.
/// </summary>
public sealed class Model : IDisposable
{
    const int MostAttempts = 10;

    readonly ModelProto proto;
    readonly ExternalFiles? external;
    readonly Scratch? scratch;
    readonly bool isClone;

    Model(ModelProto proto, string path, ExternalFiles? external = null, Scratch? scratch = null, bool isClone = false)
    {
        (this.proto, this.external, this.scratch, this.isClone) = (proto, external, scratch, isClone);
        Path = path;
        Graph = new Graph(proto.Graph, scratch);
    }

    /// <summary>The file that the model came from, as the user named it.</summary>
    public string Path { get; }

    public Graph Graph { get; }

    /// <summary>Absolute paths of the files with the model's external data; empty where it holds all of its data itself.</summary>
    public IReadOnlyList<string> DataFiles => external?.Paths ?? [];

    /// <summary>The bytes of the file that the model came from, with its external data.</summary>
    public long FileBytes => ExternalFolder.SizeOf(Path) + (external?.Bytes ?? 0);

    public long IrVersion => proto.IrVersion;

    /// <summary>The version of the standard operator set.</summary>
    public int Opset => OpsetOf("") ?? 1;

    internal IReadOnlyList<FunctionProto> Functions => proto.Functions;

    /// <exception cref="CompressException">CMP2xxx: the file or its external data cannot be read, or is no whole ONNX model.</exception>
    public static Model Load(string path)
    {
        string? said = null;
        for (var attempts = 1; ; attempts++)
        {
            try
            {
                return Checked(Read(path), path);
            }
            catch (CompressException exception) when (attempts < MostAttempts && exception.Diagnostics[0].Code == Codes.ExternalData.Code && exception.Message != said)
            {
                // Another process may have replaced the model since it was read, so that its old data is gone; if not, the next time says the same.
                said = exception.Message;
            }
        }
    }

    /// <summary>Reads a model from memory.</summary>
    /// <param name="bytes">The model; external data is looked for in the folder of its path.</param>
    /// <param name="path">The file that it came from.</param>
    /// <exception cref="CompressException">CMP2002, CMP2005, CMP2006, CMP2007: the bytes are no whole ONNX model.</exception>
    public static Model Parse(ByteString bytes, string path)
    {
        try
        {
            return Checked(ModelProto.Parser.ParseFrom(bytes), path);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw Codes.NotOnnx.Fail(path, $"the file is not an ONNX model, or is cut short: {exception.Message}");
        }
    }

    /// <summary>A model around a graph that was built in code.</summary>
    public static Model Of(ModelProto proto, string path = "model.onnx") => new(proto, path);

    static Model Checked(ModelProto proto, string path)
    {
        if (proto.Graph is null || (proto.Graph.Node.Count == 0 && proto.Graph.Output.Count == 0))
            throw Codes.NotOnnx.Fail(path, "the file is not an ONNX model: it holds no graph");
        var external = ExternalFiles.Attach(proto, path);
        try
        {
            ModelCheck.Run(proto, path);
        }
        catch
        {
            external?.Dispose();
            throw;
        }

        foreach (var (_, tensor) in TensorProtos.Of(proto))
            RawNumbers.Move(tensor);
        return new Model(proto, path, external, external is null ? null : new Scratch());
    }

    /// <summary>Reads from the file bit by bit: what is held in memory are the tensors, and not the file beside them.</summary>
    static ModelProto Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > int.MaxValue)
                throw Codes.NotOnnx.Fail(path, "the file is over 2 GB, which one protobuf message cannot hold; store the weights as external data");
            return ModelProto.Parser.ParseFrom(stream);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw Codes.NotOnnx.Fail(path, $"the file is not an ONNX model, or is cut short: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Codes.ModelNotFound.Fail(path, $"cannot read the model: {exception.Message}");
        }
    }

    public Model Clone()
    {
        Graph.Flush();
        return new Model(proto.Clone(), Path, external, scratch, isClone: true);
    }

    /// <summary>The first version of the file format in which an initializer need not be an input.</summary>
    internal const int FirstIrWithoutListing = 4;

    /// <summary>The model as a message that holds every edit.</summary>
    public ModelProto ToProto()
    {
        Graph.Flush();
        return proto;
    }

    public byte[] ToBytes() => ToProto().ToByteArray();

    /// <summary>
    /// Writes the model so that it is either whole or not there. Its large tensors go to a data file beside it if those of the model
    /// that was read did, or if they are too many for one file.
    /// </summary>
    /// <exception cref="CompressException">CMP6001: a file cannot be written.</exception>
    public void Save(string path)
    {
        using var pending = BeginSave(path);
        pending.Commit();
    }

    /// <summary>As <see cref="Save"/>, but the target appears only when the result is committed.</summary>
    /// <exception cref="CompressException">CMP6001: a file cannot be written.</exception>
    public PendingModel BeginSave(string path) => PendingModel.Write(ToProto(), path, external is not null);

    /// <summary>The version of an operator set; null where the model does not name it. Of several, the last counts, as it does in ONNX Runtime.</summary>
    /// <param name="domain">Empty for the standard one.</param>
    internal int? OpsetOf(string domain) => (int?)proto.OpsetImport.LastOrDefault(set => (set.Domain is "ai.onnx" ? "" : set.Domain) == domain)?.Version;

    internal void RemoveFunctions(Predicate<FunctionProto> condition) => proto.Functions.RemoveWhere(condition);

    /// <summary>Names the version of an operator set that nodes of the model use.</summary>
    public void ImportOpset(string domain, int version)
    {
        if (OpsetOf(domain) is null)
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

    public void Dispose()
    {
        if (isClone)
            return;
        external?.Dispose();
        scratch?.Dispose();
    }
}
