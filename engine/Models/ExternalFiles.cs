using System.Globalization;
using Compress.Diagnostics;
using Compress.Onnx;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Models;

/// <summary>The files in which a model keeps tensors outside of itself, mapped into memory.</summary>
sealed class ExternalFiles : IDisposable
{
    readonly string modelPath;
    readonly ExternalFolder folder;
    readonly Dictionary<string, MappedFile> files = [];

    ExternalFiles(string modelPath)
    {
        this.modelPath = modelPath;
        folder = new ExternalFolder(modelPath);
    }

    /// <summary>Absolute paths, each once, in the order in which the model names them.</summary>
    public List<string> Paths { get; } = [];

    /// <summary>The bytes of all files together.</summary>
    public long Bytes => Paths.Sum(ExternalFolder.SizeOf);

    /// <summary>Gives every external tensor of a model its bytes, as views of the mapped files; nothing is copied.</summary>
    /// <returns>Null where the model holds all of its data itself.</returns>
    /// <exception cref="CompressException">CMP2005 or CMP2006: the data cannot be used.</exception>
    public static ExternalFiles? Attach(ModelProto model, string modelPath)
    {
        ExternalFiles? external = null;
        try
        {
            foreach (var (name, tensor) in TensorProtos.Of(model))
            {
                if (tensor.DataLocation == DataLocation.External)
                    (external ??= new ExternalFiles(modelPath)).Attach(name, tensor);
            }

            return external;
        }
        catch
        {
            external?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var file in files.Values)
            file.Dispose();
    }

    void Attach(string name, TensorProto tensor)
    {
        var location = tensor.ExternalData.FirstOrDefault(entry => entry.Key == "location")?.Value ?? "";
        if ((DataType)tensor.DataType == DataType.String)
            throw Refuse("but strings cannot lie outside; store them in the model");
        var needed = ModelCheck.BytesOf(name, tensor, modelPath);
        var form = $"shape [{string.Join(",", tensor.Dims)}] and type {(DataType)tensor.DataType}";
        if (needed > int.MaxValue)
            throw Refuse($"but {form} take {needed} bytes; one tensor may take at most {int.MaxValue}");
        var offset = Number("offset") ?? 0;
        if (Number("length") is { } length && length != (long)needed)
            throw Refuse($"with length {length}, but {form} take {needed} bytes");

        var (path, wrong) = folder.Find(location);
        if (path is null)
            throw Refuse(wrong!);
        if (!Paths.Contains(path))
            Paths.Add(path);
        try
        {
            var size = ExternalFolder.SizeOf(path);
            if (offset > size - (long)needed)
                throw Refuse($"which holds {size} bytes, but {needed} bytes at offset {offset} are needed; the file is cut short, or belongs to another model");
            tensor.RawData = needed == 0 ? Google.Protobuf.ByteString.Empty : new MappedBytes(Map(path), offset, (int)needed, location).ToByteString();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refuse($"which cannot be read: {exception.Message}");
        }

        tensor.ExternalData.Clear();
        tensor.ClearDataLocation();

        long? Number(string key)
        {
            if (tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value is not { } text)
                return null;
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw Refuse($"with {key} '{text}', which is no whole number from 0 to {long.MaxValue}");
        }

        CompressException Refuse(string what) => Codes.ExternalData.Fail(modelPath, $"{name} lies in '{location}', {what}");
    }

    MappedFile Map(string path)
    {
        if (!files.TryGetValue(path, out var file))
            files.Add(path, file = MappedFile.Open(path));
        return file;
    }
}
