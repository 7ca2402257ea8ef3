using Compress.Data;
using Compress.Diagnostics;
using Compress.Models;

namespace Compress.Techniques;

/// <summary>What techniques share during a run.</summary>
/// <param name="Original">The model after semantics-preserving rewriting and before anything lossy; not to be edited.</param>
/// <param name="Sample">One sample for measuring sizes; null where the model cannot be run without data.</param>
/// <param name="Calibration">Samples to measure activations on; null where the policy names none.</param>
public sealed record CompressionContext(
    Model Original, IReadOnlyDictionary<string, DataTensor>? Sample, DataSet? Calibration)
{
    /// <summary>Threads within an operator; 0 leaves the number to ONNX Runtime.</summary>
    public int Threads { get; init; }

    public int Seed { get; init; }

    /// <summary>Samples per run where the model allows batches.</summary>
    public int BatchSize { get; init; } = 32;

    public DiagnosticBag Diagnostics { get; init; } = [];

    /// <summary>Told the step and the share done, in [0, 1].</summary>
    public IProgress<StepProgress>? Progress { get; init; }

    public CancellationToken Cancellation { get; init; }

    /// <summary>Sizes of the model's tensors as it is now.</summary>
    public TensorShapes MeasureShapes(Model model) =>
        Sample is null ? TensorShapes.None : Execution.ShapeTrace.Run(model, Sample, Threads);

    public void Report(string step, double share)
    {
        Cancellation.ThrowIfCancellationRequested();
        Progress?.Report(new StepProgress(step, share));
    }
}

/// <summary>How far a step is, in [0, 1].</summary>
public sealed record StepProgress(string Step, double Share);
