using Compress.Diagnostics;
using Compress.Onnx;
using Google.Protobuf;

namespace Compress.Models;

/// <summary>
/// A whole model, with its data file where it has one, under temporary names; both take their place on commit and vanish otherwise.
/// The data file is there before the model that names it, and goes after it: who opens the model at any moment finds its data.
/// </summary>
public sealed class PendingModel : IDisposable
{
    /// <summary>A protobuf message must stay below 2 GB; nodes and names need room as well.</summary>
    const long MostInlineBytes = 1_900_000_000;

    readonly string target;
    readonly PendingFile? single;
    readonly PendingFolder? folder;
    readonly ModelProto? references;
    readonly string hash = "";

    PendingModel(string target, PendingFile single)
    {
        (this.target, this.single) = (target, single);
        TemporaryPath = single.TemporaryPath;
    }

    PendingModel(string target, PendingFolder folder, ModelProto references)
    {
        (this.target, this.folder, this.references) = (target, folder, references);
        TemporaryPath = folder.File(Path.GetFileName(target));
        var written = "";
        folder.Write("data", stream => written = ExternalDataWriter.Write(references, stream));
        hash = written;
        File.Move(folder.File("data"), folder.File(DataName(target)));
        WriteReferences(target);
        DataBytes = new FileInfo(folder.File(DataName(target))).Length;
    }

    /// <summary>The model's file, which can be loaded from where it is.</summary>
    public string TemporaryPath { get; }

    /// <summary>The model's file and its data file, where it has one.</summary>
    public IReadOnlyList<string> TemporaryFiles => folder is null ? [TemporaryPath] : [TemporaryPath, folder.File(DataName(target))];

    /// <summary>The bytes of the model and its data file.</summary>
    public long Bytes => new FileInfo(TemporaryPath).Length + DataBytes;

    long DataBytes { get; }

    /// <param name="model">The message.</param>
    /// <param name="path">The target.</param>
    /// <param name="external">Whether tensors go to a data file even if the model could hold them.</param>
    /// <exception cref="CompressException">CMP6001: the folder cannot be made or a file cannot be written.</exception>
    internal static PendingModel Write(ModelProto model, string path, bool external)
    {
        path = Path.GetFullPath(path);
        var tensors = TensorProtos.Of(model).Select(entry => entry.Tensor);
        external |= tensors.Sum(tensor => (long)tensor.RawData.Length) > MostInlineBytes;
        if (!external || !tensors.Any(ExternalDataWriter.IsMoved))
            return new PendingModel(path, AtomicFile.Begin(path, stream => model.WriteTo(stream)));
        var folder = AtomicFile.BeginFolder(path);
        try
        {
            return new PendingModel(path, folder, model.Clone());
        }
        catch (Exception exception)
        {
            folder.Dispose();
            if (AtomicFile.IsRefusal(exception))
                throw AtomicFile.CannotWrite(path, exception);
            throw;
        }
    }

    /// <exception cref="CompressException">CMP6001: the target cannot be replaced.</exception>
    public void Commit() => CommitAs(target);

    /// <summary>Keeps the model in the same folder under another name in place of the target.</summary>
    /// <exception cref="CompressException">CMP6001: the file cannot be replaced.</exception>
    public void CommitAs(string path)
    {
        path = Path.GetFullPath(path);
        using var place = PlaceLock.Take(path);
        if (single is not null)
            single.CommitAs(path);
        else
            Place(path);
        RemoveData(path, except: single is null ? DataName(path) : null);
    }

    /// <summary>Removes a model and its data file, if they are there.</summary>
    public static void Delete(string path)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(path))
            return;
        using var place = PlaceLock.Take(path);
        AtomicFile.TryDelete(path);
        RemoveData(path, except: null);
    }

    public void Dispose()
    {
        single?.Dispose();
        folder?.Dispose();
    }

    string DataName(string path) => ExternalDataWriter.NameOf(Path.GetFileName(path), hash);

    void Place(string path)
    {
        try
        {
            if (path != target)
                WriteReferences(path);
            var data = Path.Combine(Path.GetDirectoryName(path)!, DataName(path));
            MoveData(folder!.File(DataName(target)), data);
            File.Move(folder.File(Path.GetFileName(path)), path, overwrite: true);
        }
        catch (Exception exception) when (AtomicFile.IsRefusal(exception))
        {
            throw AtomicFile.CannotWrite(path, exception);
        }
    }

    static void MoveData(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
            && File.Exists(to) && new FileInfo(to).Length == new FileInfo(from).Length)
        {
            // Some program has the same data open, as its name says, and Windows does not let it be replaced.
        }
    }

    static void RemoveData(string path, string? except)
    {
        var (name, folder) = (Path.GetFileName(path), Path.GetDirectoryName(path)!);
        foreach (var file in Directory.EnumerateFiles(folder).Select(Path.GetFileName).Where(file => file != except && ExternalDataWriter.IsDataOf(name, file!)).ToArray())
            AtomicFile.TryDelete(Path.Combine(folder, file!));
    }

    void WriteReferences(string path)
    {
        ExternalDataWriter.SetLocation(references!, DataName(path));
        folder!.Write(Path.GetFileName(path), stream => references!.WriteTo(stream));
    }
}
