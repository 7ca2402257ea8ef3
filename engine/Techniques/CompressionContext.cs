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
    /// <summary>16 MB of float32.</summary>
    const long MostNumbers = 1 << 22;

    (Model Model, int Version, TensorShapes Shapes)? measured;

    /// <summary>Threads within an operator; 0 leaves the number to ONNX Runtime.</summary>
    public int Threads { get; init; }

    public int Seed { get; init; }

    /// <summary>The most samples per run, where the model allows batches.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>
    /// The model as it is in its file, before any rewriting; null where only the rewritten one is at hand. It is read when it is first asked
    /// for, which few techniques do. Not to be edited.
    /// </summary>
    public Lazy<Model>? Source { get; init; }

    /// <summary>What steps that repair a compressed model have gained.</summary>
    public List<RepairGain> Repairs { get; init; } = [];

    public DiagnosticBag Diagnostics { get; init; } = [];

    /// <summary>Told the step and the share done, in [0, 1].</summary>
    public IProgress<StepProgress>? Progress { get; init; }

    public CancellationToken Cancellation { get; init; }

    /// <summary>Sizes of the model's tensors as it is now.</summary>
    public TensorShapes MeasureShapes(Model model)
    {
        if (Sample is null)
            return TensorShapes.None;
        if (measured is null || measured.Value.Model != model || measured.Value.Version != model.Graph.Version)
            measured = (model, model.Graph.Version, Execution.ShapeTrace.Run(model, Sample, Threads, Cancellation));
        return measured.Value.Shapes;
    }

    /// <summary>
    /// How many samples may be run at once so that the tensors read from a run stay within a fixed amount of memory: at least one, and
    /// one where the model does not allow batches.
    /// </summary>
    /// <param name="session">The session that gives the tensors.</param>
    /// <param name="model">The model that they are part of.</param>
    /// <param name="tensors">The tensors that are read.</param>
    public int BatchFor(Execution.Session session, Model model, IEnumerable<string> tensors)
    {
        if (!session.IsBatchFree)
            return 1;
        var shapes = MeasureShapes(model);
        var numbers = tensors.Sum(tensor => shapes.Of(tensor) is { } shape ? Layers.Cost.Product(shape) : 0);
        return (int)Math.Clamp(MostNumbers / Math.Max(1, numbers), 1, BatchSize);
    }

    public void Report(string step, double share)
    {
        Cancellation.ThrowIfCancellationRequested();
        Progress?.Report(new StepProgress(step, share));
    }
}

/// <summary>How far a step is, in [0, 1].</summary>
public sealed record StepProgress(string Step, double Share);
