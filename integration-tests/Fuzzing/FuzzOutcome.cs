namespace Compress.IntegrationTests.Fuzzing;

/// <summary>What came of one case; from <see cref="Exception"/> on, it is a fault.</summary>
enum FuzzOutcome
{
    /// <summary>It was worked on to the end.</summary>
    Accepted,

    /// <summary>Errors were told.</summary>
    Refused,

    /// <summary>It took long, was interrupted, and stopped at once: a model may compute for as long as it likes.</summary>
    Cancelled,

    /// <summary>An exception that is no diagnostic.</summary>
    Exception,

    /// <summary>An output that cannot be loaded, or files that were left behind.</summary>
    BadOutput,

    /// <summary>More memory than so small files can need.</summary>
    Memory,

    /// <summary>It went on after it was interrupted.</summary>
    Hang,

    /// <summary>The process ended.</summary>
    Crash,
}
