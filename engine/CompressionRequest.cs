namespace Compress;

/// <summary>What gates do when they fail.</summary>
public enum GateMode
{
    /// <summary>The run fails and the previous output stays.</summary>
    Enforce,

    /// <summary>Failures are warnings.</summary>
    Warn,

    /// <summary>Gates are not measured.</summary>
    Skip,
}

/// <summary>One run. Paths are as the user gave them, relative to the current folder.</summary>
/// <param name="PolicyPath">The policy's file.</param>
public sealed record CompressionRequest(string PolicyPath)
{
    /// <summary>Takes the place of the policy's <c>model</c>.</summary>
    public string? ModelPath { get; init; }

    /// <summary>Takes the place of the policy's <c>output</c>; the default is <c>NAME.compressed.onnx</c> beside the model.</summary>
    public string? OutputPath { get; init; }

    /// <summary>A folder for report.json; null writes none.</summary>
    public string? ReportDirectory { get; init; }

    public GateMode Gates { get; init; } = GateMode.Enforce;

    public int Seed { get; init; }

    /// <summary>Threads within an operator; 0 leaves the number to ONNX Runtime.</summary>
    public int Threads { get; init; }
}
