using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Compress.MSBuild;

/// <summary>
/// Compresses one model by running the tool as a child process: a crash or a lock of native code there leaves the build alone.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class CompressModel : ToolTask
{
    const int GateFailed = 2;
    const int Cancelled = 130;

    volatile bool cancelled;

    /// <summary>The item as <see cref="PrepareCompressModels"/> made it: the model, with the paths of the run as metadata.</summary>
    [Required]
    public ITaskItem Model { get; set; } = null!;

    /// <summary>The folder that relative paths are relative to; a multithreaded build has no current folder of its own.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>The tool: a dll for the .NET host, or an executable.</summary>
    [Required]
    public string CompressToolPath { get; set; } = "";

    /// <summary>The .NET host that runs a dll; <c>dotnet</c> from the path where empty.</summary>
    public string? DotNetHost { get; set; }

    protected override string ToolName => IsManaged ? "dotnet" : Path.GetFileName(CompressToolPath);

    protected override Encoding StandardOutputEncoding => Utf8;

    protected override Encoding StandardErrorEncoding => Utf8;

    // Importance also tells the two streams apart: diagnostics come on stderr only.
    protected override MessageImportance StandardOutputLoggingImportance => MessageImportance.Low;

    protected override MessageImportance StandardErrorLoggingImportance => MessageImportance.Normal;

    static Encoding Utf8 { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    bool IsManaged => string.Equals(Path.GetExtension(CompressToolPath), ".dll", StringComparison.OrdinalIgnoreCase);

    string ToolFile => Path.GetFullPath(Path.Combine(ProjectDirectory, CompressToolPath));

    public override bool Execute()
    {
        if (!File.Exists(ToolFile))
        {
            LogError(TaskCodes.ToolFailed, $"the tool '{ToolFile}' does not exist; set CompressToolPath to dotnet-compress.dll or to an executable, or leave it empty");
            return false;
        }

        try
        {
            return RunTool();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogError(TaskCodes.CannotWrite, $"cannot write beside '{Model.GetMetadata("OutputFile")}': {exception.Message}");
            return false;
        }
    }

    bool RunTool()
    {
        var started = DateTime.UtcNow;
        foreach (var name in (string[])["OutputFile", "DepFile"])
            Directory.CreateDirectory(Path.GetDirectoryName(Model.GetMetadata(name))!);
        if (!base.Execute())
            return false;
        foreach (var name in (string[])["OutputFile", "DepFile"])
        {
            if (!File.Exists(Model.GetMetadata(name)))
            {
                LogError(TaskCodes.ToolFailed, $"the tool ended well but did not write '{Model.GetMetadata(name)}'; is CompressToolPath a tool of this version?");
                return false;
            }
        }

        // An input that is edited during the run is newer than this, and so the next build runs again.
        File.SetLastWriteTimeUtc(Model.GetMetadata("DepFile"), started);
        var sizes = ModelSizes.Describe(
            Path.Combine(Model.GetMetadata("ReportDirectory"), "report.json"), Model.ItemSpec, Model.GetMetadata("OutputFile"));
        Log.LogMessage(MessageImportance.High, "{0}", $"Compressed {Model.GetMetadata("TargetPath")}: {sizes}");
        return true;
    }

    /// <summary>Ends the tool and all that it started.</summary>
    public override void Cancel()
    {
        cancelled = true;
        base.Cancel();
    }

    protected override string GenerateFullPathToTool() =>
        !IsManaged ? ToolFile : string.IsNullOrEmpty(DotNetHost) ? ToolExe : DotNetHost!;

    protected override string GetWorkingDirectory() => ProjectDirectory;

    protected override string GenerateCommandLineCommands() => Arguments.Join(
    [
        .. IsManaged ? (string[])["exec", ToolFile] : [],
        Model.GetMetadata("PolicyFile"),
        "--model", Model.ItemSpec,
        "--output", Model.GetMetadata("OutputFile"),
        "--report", Model.GetMetadata("ReportDirectory"),
        "--gates", Model.GetMetadata("GateMode"),
        "--depfile", Model.GetMetadata("DepFile"),
    ]);

    protected override void LogEventsFromTextOutput(string singleLine, MessageImportance messageImportance)
    {
        var diagnostic = messageImportance == StandardErrorLoggingImportance ? DiagnosticLine.Parse(singleLine, ProjectDirectory) : null;
        if (diagnostic is null)
            Log.LogMessage(messageImportance, "{0}", singleLine);
        else if (diagnostic.IsError)
            Log.LogError(null, diagnostic.Code, null, diagnostic.File, diagnostic.Line, diagnostic.Column, 0, 0, "{0}", diagnostic.Text);
        else
            Log.LogWarning(null, diagnostic.Code, null, diagnostic.File, diagnostic.Line, diagnostic.Column, 0, 0, "{0}", diagnostic.Text);
    }

    protected override bool HandleTaskExecutionErrors()
    {
        if (Log.HasLoggedErrors)
            return false;
        if (cancelled || ExitCode == Cancelled)
            LogError(TaskCodes.Cancelled, "the run was cancelled");
        else if (ExitCode == GateFailed)
            LogError(TaskCodes.GateFailed, "a gate failed; the report tells which");
        else
            LogError(TaskCodes.ToolFailed, $"the tool ended with exit code {ExitCode} and without a message; build with -v:normal to see all that it printed");
        return false;
    }

    void LogError(string code, string message) =>
        Log.LogError(null, code, null, Model.ItemSpec, 0, 0, 0, 0, "{0}", message);
}
