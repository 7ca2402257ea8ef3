using Compress.Diagnostics;

namespace Compress.Tool;

/// <summary>What the user is told of an exception, and the exit code that goes with it.</summary>
static class Failure
{
    public static int Code(Exception exception) => Cause(exception) is OperationCanceledException ? ExitCode.Cancelled : ExitCode.Error;

    /// <summary>At least one diagnostic, each of one line.</summary>
    public static IReadOnlyList<Diagnostic> Diagnostics(Exception exception) => Cause(exception) switch
    {
        CompressException known => known.Diagnostics,
        OperationCanceledException => [Codes.Cancelled.At(null, "the run was cancelled; nothing was written")],
        OutOfMemoryException => [Codes.OutOfMemory.At(null, "there is not enough memory; close other programs, or take fewer samples (the data's 'take')")],
        DllNotFoundException or BadImageFormatException or EntryPointNotFoundException => [RuntimeMissing(exception)],
        IOException or UnauthorizedAccessException => [Codes.CannotWrite.At(null, $"reading or writing failed: {exception.Message}")],
        var bug => [Codes.Internal.At(null,
            $"an internal error ({bug.GetType().Name}: {bug.Message}); please report it, with what the same command prints at '-v diag'")],
    };

    /// <summary>The first exception on the way in that says what to do; the innermost one where none does.</summary>
    static Exception Cause(Exception exception)
    {
        while (exception is AggregateException or TypeInitializationException && exception.InnerException is { } inner)
            exception = inner;
        return exception;
    }

    static Diagnostic RuntimeMissing(Exception exception) => Codes.RuntimeMissing.At(null,
        $"ONNX Runtime's native library cannot be loaded: {Cause(exception).Message}; "
        + "install the tool again for this platform (dotnet tool update dotnet-compress), and on Windows the Visual C++ redistributable");
}
