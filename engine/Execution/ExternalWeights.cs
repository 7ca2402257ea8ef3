using Compress.Models;
using Compress.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Compress.Execution;

/// <summary>
/// Hands the weights of an edited model with external data to ONNX Runtime without a copy: those from the model's files by reference
/// to these, new ones as views of where they are.
/// </summary>
sealed class ExternalWeights : IDisposable
{
    const string FolderSetting = "session.model_external_initializers_file_folder_path";

    readonly Dictionary<string, OrtValue> views = [];
    readonly Model model;
    readonly string folder;
    readonly byte[] bytes;

    /// <param name="model">A model with data files; it must live as long as the session.</param>
    /// <param name="settings">
    /// Where the runtime may rewrite the graph, it reads weights from where the model says that they are, which views are not: new weights
    /// are then part of the message.
    /// </param>
    public ExternalWeights(Model model, SessionSettings settings)
    {
        this.model = model;
        folder = Path.GetDirectoryName(Path.GetFullPath(model.Path))!;
        var proto = model.ToProto().Clone();
        foreach (var (_, tensor) in TensorProtos.Of(proto))
        {
            if (ExternalDataWriter.IsMoved(tensor) && MappedBytes.Behind(tensor.RawData) is { Location: { } location } source)
                ExternalDataWriter.Refer(tensor, location, source.Offset, source.Length);
        }

        // The runtime insists on a file that exists, and then does not read it.
        var anyFile = Path.GetRelativePath(folder, model.DataFiles[0]);
        foreach (var tensor in settings.Optimize ? [] : proto.Graph.Initializer)
        {
            if (MappedBytes.Behind(tensor.RawData) is { Location: null } view)
            {
                views.Add(tensor.Name, OrtValue.CreateTensorValueWithData(
                    OrtMemoryInfo.DefaultInstance, (TensorElementType)tensor.DataType, [.. tensor.Dims], view.Address, view.Length));
                ExternalDataWriter.Refer(tensor, anyFile, 0, view.Length);
            }
        }

        bytes = Google.Protobuf.MessageExtensions.ToByteArray(proto);
    }

    public InferenceSession Open(SessionOptions options)
    {
        options.AddSessionConfigEntry(FolderSetting, folder);
        foreach (var (name, view) in views)
            options.AddInitializer(name, view);
        return new InferenceSession(bytes, options);
    }

    public void Dispose()
    {
        foreach (var view in views.Values)
            view.Dispose();
        GC.KeepAlive(model);
    }
}
