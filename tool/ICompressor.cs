using Compress.Techniques;

namespace Compress.Tool;

/// <summary>The engine as the commands see it, so that they can be tested without one.</summary>
interface ICompressor
{
    /// <inheritdoc cref="Compression.Run"/>
    CompressionResult Run(CompressionRequest request, IProgress<StepProgress>? progress, CancellationToken cancellation);

    /// <inheritdoc cref="Compression.Inspect"/>
    Inspection Inspect(string modelPath, IReadOnlyDictionary<string, int[]> shapes, CancellationToken cancellation);

    /// <inheritdoc cref="Compression.Check"/>
    PolicyCheck Check(CompressionRequest request, CancellationToken cancellation);
}
