using Compress.Diagnostics;

namespace Compress.Policies;

/// <summary>What is done to one model, as its YAML file says it. Paths are relative to the file.</summary>
/// <param name="File">The policy's file, as the user named it.</param>
/// <param name="Model">The model to compress; null where the command line names it.</param>
/// <param name="Output">Where the compressed model goes; null for the default.</param>
/// <param name="Data">The named data sources.</param>
/// <param name="Rules">The layer rules, in the file's order.</param>
/// <param name="Gates">What may be lost, in the file's order.</param>
/// <param name="FactorizeBudget">What the model may cost once layers are factorized; null for no budget.</param>
public sealed record Policy(
    string File, Located<string>? Model, Located<string>? Output, PolicyData Data, IReadOnlyList<Rule> Rules, IReadOnlyList<Gate> Gates,
    RankBudgetSettings? FactorizeBudget = null)
{
    /// <summary>A path of the policy, made absolute.</summary>
    public string Resolve(string path) => Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(File))!);
}

/// <summary>A value and where it stands.</summary>
public sealed record Located<T>(T Value, SourcePosition Position);

/// <summary>The data that a policy names, by what it is for.</summary>
public sealed record PolicyData(DataSource? Calibration = null, DataSource? Evaluation = null);
