using Microsoft.ML.OnnxRuntime;

namespace Compress.Execution;

/// <summary>How models are run: on the CPU, with a fixed number of threads, so that the same inputs give the same bytes.</summary>
/// <param name="Threads">Threads within an operator; 0 leaves the number to ONNX Runtime, as an app would.</param>
/// <param name="Optimize">
/// Whether the runtime may rewrite the graph as it does by default. Taps switch it off, so that every tensor they name is there.
/// </param>
/// <param name="Prepack">
/// Whether the runtime may keep weights a second time in the order that its kernels like best; for a session that runs once at most,
/// the memory and the time are wasted.
/// </param>
/// <param name="Arena">
/// Whether the runtime keeps the memory of activations for the next run, and its threads awake, as it does by default. A tapped model
/// runs a few times on large batches: an arena would only hold on to what is freed, and threads that spin take time from this process's own.
/// </param>
public sealed record SessionSettings(int Threads = 0, bool Optimize = true, bool Prepack = true, bool Arena = true)
{
    /// <summary>Where the runtime writes what it has made of the graph; null for nowhere.</summary>
    public string? OptimizedModelPath { get; init; }

    /// <summary>For a session that runs a few times at most: it is ready soon and holds on to nothing.</summary>
    public static SessionSettings Once(int threads) => new(threads, Optimize: false, Prepack: false, Arena: false);

    internal SessionOptions ToOptions()
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = Optimize ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            IntraOpNumThreads = Threads,
        };
        if (!Arena)
        {
            options.EnableCpuMemArena = false;
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        }

        if (OptimizedModelPath is { } path)
            options.OptimizedModelFilePath = path;
        if (!Prepack)
            options.AddSessionConfigEntry("session.disable_prepacking", "1");
        return options;
    }
}
