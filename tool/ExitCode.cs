namespace Compress.Tool;

/// <summary>What a script can branch on. The numbers are a promise; docs/cli.md lists them.</summary>
static class ExitCode
{
    public const int Done = 0;
    public const int Error = 1;
    public const int GateFailed = 2;

    /// <summary>128 + SIGINT, as shells have it.</summary>
    public const int Cancelled = 130;

    public static int Of(Outcome outcome) => outcome switch
    {
        Outcome.Done => Done,
        Outcome.GateFailed => GateFailed,
        Outcome.Cancelled => Cancelled,
        _ => Error,
    };
}
