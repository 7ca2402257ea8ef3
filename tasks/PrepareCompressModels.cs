using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Task = Microsoft.Build.Utilities.Task;

namespace Compress.MSBuild;

/// <summary>
/// Works out, for each <c>CompressModel</c> item, where everything of its run is: policy, output, depfile, report; which files
/// the output depends on; and where it lands. Runs in every build, so it only looks and never compresses.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class PrepareCompressModels : Task
{
    static readonly string[] GateModes = ["enforce", "warn", "skip"];

    /// <summary>The <c>CompressModel</c> items.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>The folder of this project's and framework's intermediate files.</summary>
    [Required]
    public string IntermediateDirectory { get; set; } = "";

    /// <summary>Where reports go; beside the compressed model where empty.</summary>
    public string? ReportDirectory { get; set; }

    /// <summary>Gates mode of items that have none of their own.</summary>
    public string? Gates { get; set; }

    [Required]
    public string CompressToolPath { get; set; } = "";

    /// <summary>The framework that is built for, as a folder in a package.</summary>
    public string? TargetFramework { get; set; }

    /// <summary>False ships the original models. Comes back as it was understood.</summary>
    [Output]
    public bool Enabled { get; set; } = true;

    /// <summary>Only tells the paths: nothing is checked and nothing is written.</summary>
    public bool PathsOnly { get; set; }

    /// <summary>Items of the project that may want the same place in the output.</summary>
    public ITaskItem[] Content { get; set; } = [];

    /// <summary>The models with the paths of their runs as metadata.</summary>
    [Output]
    public ITaskItem[] Prepared { get; set; } = [];

    /// <summary>Every file that an output depends on, with the same <c>OutputFile</c> and <c>DepFile</c> metadata as its model.</summary>
    [Output]
    public ITaskItem[] Inputs { get; set; } = [];

    /// <summary>What lands beside the app.</summary>
    [Output]
    public ITaskItem[] Copied { get; set; } = [];

    /// <summary>What is embedded in the assembly.</summary>
    [Output]
    public ITaskItem[] Embedded { get; set; } = [];

    /// <summary>The items of <see cref="Content"/> whose place a compressed model takes.</summary>
    [Output]
    public ITaskItem[] Replaced { get; set; } = [];

    /// <summary>Everything that a build writes.</summary>
    [Output]
    public ITaskItem[] Written { get; set; } = [];

    string ProjectDirectory => Path.GetDirectoryName(ProjectFile)!;

    public override bool Execute()
    {
        try
        {
            return PrepareModels();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogError(TaskCodes.CannotWrite, $"cannot prepare the models: {exception.Message}");
            return false;
        }
    }

    bool PrepareModels()
    {
        var models = Models.Select(Prepare).ToArray();
        Prepared = models;
        Inputs = [.. models.SelectMany(InputsOf)];
        Written = [.. models.SelectMany(WrittenBy).Select(Items.Create)];
        var embedded = models.ToLookup(IsEmbedded);
        Embedded = [.. embedded[true].Select(AsResource)];
        Copied = [.. embedded[false].Select(AsContent), .. Enabled ? [] : embedded[false].SelectMany(ExternalData)];
        if (PathsOnly)
            return true;
        Check(models);
        Replaced = [.. embedded[false].SelectMany(ReplacedBy)];
        if (!Log.HasLoggedErrors)
            Array.ForEach(models, WriteSettings);
        return !Log.HasLoggedErrors;
    }

    TaskItem Prepare(ITaskItem source)
    {
        var model = Absolute(source.ItemSpec);
        var target = Normal(TargetPathOf(source, model));
        var output = Path.Combine(Absolute(IntermediateDirectory), "compressed", target);
        var policy = source.GetMetadata("Policy").Trim();
        var gates = source.GetMetadata("Gates").Trim();
        return Items.CopyOf(source, model)
            .With("TargetPath", target)
            .With("Link", target)
            .With("OutputFile", output)
            .With("DepFile", output + ".inputs")
            .With("SettingsFile", output + ".settings")
            .With("ReportDirectory", string.IsNullOrEmpty(ReportDirectory) ? output + ".report" : Path.Combine(Absolute(ReportDirectory!), target))
            .With("PolicyFile", policy.Length > 0 ? Absolute(policy) : Path.Combine(Path.GetDirectoryName(model)!, "compress.yaml"))
            .With("GateMode", (gates.Length > 0 ? gates : string.IsNullOrEmpty(Gates) ? "enforce" : Gates!.Trim()).ToLowerInvariant());
    }

    IEnumerable<ITaskItem> InputsOf(ITaskItem model)
    {
        var depFile = model.GetMetadata("DepFile");
        string[] known = Enabled ? [model.ItemSpec, model.GetMetadata("PolicyFile"), .. ToolFiles()] : [model.ItemSpec];
        string[] read = Enabled && File.Exists(depFile) ? File.ReadAllLines(depFile) : [];
        return known.Append(model.GetMetadata("SettingsFile")).Concat(read.Select(line => line.Trim()).Where(line => line.Length > 0))
            .Distinct(StringComparer.Ordinal)
            .Select(path => Items.Create(path).With("OutputFile", model.GetMetadata("OutputFile")).With("DepFile", depFile));
    }

    // A tool that is being developed changes in any of its assemblies.
    IEnumerable<string> ToolFiles()
    {
        var tool = Absolute(CompressToolPath);
        return File.Exists(tool) ? Directory.GetFiles(Path.GetDirectoryName(tool)!, "*.dll").Append(tool) : [];
    }

    static IEnumerable<string> WrittenBy(ITaskItem model) =>
        ((string[])["OutputFile", "DepFile", "SettingsFile"]).Select(model.GetMetadata)
            .Concat(((string[])["json", "md", "html", "sarif"]).Select(type => Path.Combine(model.GetMetadata("ReportDirectory"), "report." + type)));

    TaskItem AsContent(ITaskItem model)
    {
        var item = Items.CopyOf(model, model.GetMetadata("OutputFile")).With("Visible", "false");
        if (item.GetMetadata("PackagePath").Length == 0)
        {
            // Where a package has Content, had it not come from the folder of intermediate files.
            var folder = Path.GetDirectoryName(model.GetMetadata("TargetPath"))!.Replace('\\', '/') + "/";
            item.SetMetadata("PackagePath", Items.Escape($"content/{folder}") + ";" + Items.Escape($"contentFiles/any/{TargetFramework}/{folder}"));
        }

        if (item.GetMetadata("CopyToOutputDirectory").Length == 0)
            item.SetMetadata("CopyToOutputDirectory", "PreserveNewest");
        return item;
    }

    // A name such as 'model.fr.onnx' is no satellite resource.
    static TaskItem AsResource(ITaskItem model)
    {
        var item = Items.CopyOf(model, model.GetMetadata("OutputFile")).With("Visible", "false").With("WithCulture", "false").With("Type", "Non-Resx");
        item.RemoveMetadata("TargetPath");
        item.RemoveMetadata("CopyToOutputDirectory");
        return item;
    }

    // The original may need its weights' files, which by custom have these names; FindModelData knows those of compressed models.
    static IEnumerable<ITaskItem> ExternalData(ITaskItem model) =>
        from path in (string[])[model.ItemSpec + ".data", model.ItemSpec + "_data", Path.ChangeExtension(model.ItemSpec, ".data")]
        where File.Exists(path)
        let target = Path.Combine(Path.GetDirectoryName(model.GetMetadata("TargetPath"))!, Path.GetFileName(path))
        select Items.CopyOf(model, path).With("TargetPath", target).With("Link", target).With("CopyToOutputDirectory", "PreserveNewest");

    IEnumerable<ITaskItem> ReplacedBy(ITaskItem model)
    {
        foreach (var item in Content.Where(item => SamePath(Normal(TargetPathOf(item, Absolute(item.ItemSpec))), model.GetMetadata("TargetPath"))))
        {
            if (SamePath(Absolute(item.ItemSpec), model.ItemSpec))
                yield return item;
            else
                LogError(TaskCodes.ModelItem, $"'{item.ItemSpec}' and the compressed '{model.ItemSpec}' would both land at '{model.GetMetadata("TargetPath")}'; give one of them another TargetPath");
        }
    }

    void Check(IReadOnlyList<ITaskItem> models)
    {
        foreach (var model in models)
        {
            var target = model.GetMetadata("TargetPath");
            if (!File.Exists(model.ItemSpec))
                LogError(TaskCodes.ModelNotFound, $"the model '{model.ItemSpec}' does not exist; Include of a CompressModel item names an ONNX file");
            if (Enabled && !File.Exists(model.GetMetadata("PolicyFile")))
                LogError(TaskCodes.PolicyNotFound, $"the policy '{model.GetMetadata("PolicyFile")}' of '{model.ItemSpec}' does not exist; name it with Policy=\"...\", or put a compress.yaml beside the model");
            if (!GateModes.Contains(model.GetMetadata("GateMode")))
                LogError(TaskCodes.ModelItem, $"'{model.GetMetadata("GateMode")}' is no mode for the gates of '{model.ItemSpec}'; valid are {string.Join(", ", GateModes)}");
            if (Path.IsPathRooted(target) || target.Split(Path.DirectorySeparatorChar).Contains(".."))
                LogError(TaskCodes.ModelItem, $"the TargetPath '{target}' of '{model.ItemSpec}' leaves the output folder; valid are relative paths without '..'");
        }

        foreach (var clash in models.GroupBy(model => model.GetMetadata("OutputFile"), StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            LogError(TaskCodes.ModelItem, $"{string.Join(" and ", clash.Select(model => $"'{model.ItemSpec}'"))} would both land at '{clash.First().GetMetadata("TargetPath")}'; give each CompressModel item a TargetPath of its own");
        }
    }

    // Metadata and properties are in no file that MSBuild could compare by time: this makes them one.
    void WriteSettings(ITaskItem model)
    {
        string[] settings = Enabled
            ? [model.ItemSpec, model.GetMetadata("PolicyFile"), model.GetMetadata("GateMode"), model.GetMetadata("ReportDirectory"), Absolute(CompressToolPath)]
            : [model.ItemSpec, "not compressed"];
        var text = string.Join("\n", settings) + "\n";
        var path = model.GetMetadata("SettingsFile");
        if (File.Exists(path) && File.ReadAllText(path) == text)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    /// <summary>Where Content would land: as it says, else at the same place as in the project, else at the top under its name.</summary>
    string TargetPathOf(ITaskItem item, string path)
    {
        foreach (var name in (string[])["TargetPath", "Link"])
        {
            if (item.GetMetadata(name) is { Length: > 0 } given)
                return given;
        }

        var cone = ProjectDirectory + Path.DirectorySeparatorChar;
        return path.StartsWith(cone, StringComparison.OrdinalIgnoreCase)
            ? path.Substring(cone.Length)
            : Path.Combine(item.GetMetadata("LinkBase"), item.GetMetadata("RecursiveDir"), Path.GetFileName(path));
    }

    string Absolute(string path) => Path.GetFullPath(Path.Combine(ProjectDirectory, Normal(path)));

    static string Normal(string path) => path.Replace('\\', Path.DirectorySeparatorChar).Replace('/', Path.DirectorySeparatorChar);

    static bool SamePath(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    static bool IsEmbedded(ITaskItem model) => string.Equals(model.GetMetadata("AsEmbeddedResource"), "true", StringComparison.OrdinalIgnoreCase);

    void LogError(string code, string message) => Log.LogError(null, code, null, ProjectFile, 0, 0, 0, 0, "{0}", message);
}
