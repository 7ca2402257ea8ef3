using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Task = Microsoft.Build.Utilities.Task;

namespace Compress.MSBuild;

/// <summary>Finds the data files of compressed models, whose names tell their contents and are known only once they are written.</summary>
[MSBuildMultiThreadableTask]
public sealed class FindModelData : Task
{
    const int HashDigits = 16;

    /// <summary>Compressed models as content.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>Their data files, each with its model's metadata and its place beside the model.</summary>
    [Output]
    public ITaskItem[] Data { get; set; } = [];

    public override bool Execute()
    {
        Data = [.. Models.SelectMany(FilesOf)];
        return true;
    }

    static IEnumerable<ITaskItem> FilesOf(ITaskItem model)
    {
        var (folder, name) = (Path.GetDirectoryName(model.ItemSpec)!, Path.GetFileName(model.ItemSpec));
        return from path in Directory.Exists(folder) ? Directory.GetFiles(folder) : []
               where IsDataOf(name, Path.GetFileName(path))
               let target = Path.Combine(Path.GetDirectoryName(model.GetMetadata("TargetPath"))!, Path.GetFileName(path))
               select Items.CopyOf(model, path).With("TargetPath", target).With("Link", target);
    }

    static bool IsDataOf(string model, string file) =>
        file.Length == model.Length + HashDigits + ".".Length + ".data".Length
        && file.StartsWith(model + ".", StringComparison.Ordinal) && file.EndsWith(".data", StringComparison.Ordinal)
        && file.Substring(model.Length + 1, HashDigits).All(digit => digit is (>= '0' and <= '9') or (>= 'a' and <= 'f'));
}
