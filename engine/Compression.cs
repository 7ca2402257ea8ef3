using Compress.Techniques;

namespace Compress;

/// <summary>
/// The façade: a policy and a model go in, a compressed model and a report come out. This is the whole run, in order.
/// </summary>
public static class Compression
{
    /// <summary>Compresses a model as its policy says. User errors and failed gates are part of the result, not exceptions.</summary>
    public static CompressionResult Run(
        CompressionRequest request, IProgress<StepProgress>? progress = null, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>Lists the layers of a model and what can be done to each. Nothing is changed.</summary>
    /// <exception cref="Diagnostics.CompressException">CMP2xxx: the model cannot be read.</exception>
    public static Inspection Inspect(string modelPath, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>Says what each rule of a policy matches and would do. Nothing is changed.</summary>
    /// <param name="request">Only the policy's and the model's paths count.</param>
    /// <param name="cancellation">Stops the check.</param>
    /// <exception cref="Diagnostics.CompressException">CMP1xxx or CMP2xxx: the policy or the model cannot be read.</exception>
    public static PolicyCheck Check(CompressionRequest request, CancellationToken cancellation = default) =>
        throw new NotImplementedException();
}
