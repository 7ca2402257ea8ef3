using Compress.Reporting;

namespace Compress;

/// <summary>How a run ended, as the exit code tells it.</summary>
public enum Outcome
{
    Done,
    Error,
    GateFailed,
    Cancelled,
}

/// <summary>What came out of a run.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Report">Everything that was found out, diagnostics included; after an error, as far as the run got.</param>
public sealed record CompressionResult(Outcome Outcome, Report Report)
{
    /// <summary>The compressed model; null where none was written.</summary>
    public string? OutputPath { get; init; }

    /// <summary>Where a model that failed its gates was kept; null where there is none.</summary>
    public string? RejectedPath { get; init; }

    /// <summary>Absolute paths of every file that the run read: the policy, the model, the data.</summary>
    public IReadOnlyList<string> InputFiles { get; init; } = [];
}
