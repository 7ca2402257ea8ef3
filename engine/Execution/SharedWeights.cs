using System.Buffers;
using Compress.Models;
using Compress.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Execution;

/// <summary>
/// Hands the weights of an edited model to ONNX Runtime without a copy: those from the model's data files by reference to these, others
/// as views of where they are. A message that holds the weights would be in memory three times until the session is open.
/// </summary>
sealed class SharedWeights : IDisposable
{
    const string FolderSetting = "session.model_external_initializers_file_folder_path";

    readonly Dictionary<string, OrtValue> views = [];
    readonly List<MemoryHandle> pins = [];
    readonly Model model;
    readonly string folder;
    readonly byte[] bytes;

    /// <param name="model">A model that <see cref="CanShare"/> accepts; it must live as long as the session.</param>
    /// <param name="settings">
    /// Where the runtime may rewrite the graph, it reads weights from where the model says that they are, which views are not: new weights
    /// are then part of the message.
    /// </param>
    public SharedWeights(Model model, SessionSettings settings)
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
        var anyFile = Path.GetRelativePath(folder, model.DataFiles.Count > 0 ? model.DataFiles[0] : model.Path);
        foreach (var tensor in settings.Optimize ? [] : proto.Graph.Initializer.Where(IsWeight).GroupBy(tensor => tensor.Name).Select(named => named.Last()))
        {
            var pin = tensor.RawData.Memory.Pin();
            pins.Add(pin);
            views.Add(tensor.Name, View(tensor, pin));
            ExternalDataWriter.Refer(tensor, anyFile, 0, tensor.RawData.Length);
        }

        bytes = Google.Protobuf.MessageExtensions.ToByteArray(proto);
    }

    /// <summary>Whether there is something to share: the runtime asks for a file that views could have come from.</summary>
    public static bool CanShare(Model model, SessionSettings settings) => model.DataFiles.Count > 0 || (!settings.Optimize && File.Exists(model.Path));

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
        foreach (var pin in pins)
            pin.Dispose();
        GC.KeepAlive(model);
    }

    /// <summary>Not sizes, axes and the like, which the runtime looks at while it infers shapes.</summary>
    static bool IsWeight(TensorProto tensor) => ExternalDataWriter.IsMoved(tensor) && tensor.DataLocation != TensorProto.Types.DataLocation.External
        && (DataType)tensor.DataType is DataType.Float or DataType.Int8 or DataType.Uint8 && tensor.RawData.Length > 0;

    static unsafe OrtValue View(TensorProto tensor, MemoryHandle pin) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, (TensorElementType)tensor.DataType, [.. tensor.Dims], (IntPtr)pin.Pointer, tensor.RawData.Length);
}
