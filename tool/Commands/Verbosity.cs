namespace Compress.Tool.Commands;

/// <summary>How much is printed, by MSBuild's names.</summary>
enum Verbosity
{
    /// <summary>Errors and warnings.</summary>
    Quiet,

    /// <summary>Totals, metrics and gates as well.</summary>
    Minimal,

    /// <summary>Layers and progress as well.</summary>
    Normal,

    /// <summary>Everything about every layer, and the time of each step.</summary>
    Detailed,

    /// <summary>Stack traces as well.</summary>
    Diagnostic,
}
