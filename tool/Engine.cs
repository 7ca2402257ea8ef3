using Compress.Techniques;

namespace Compress.Tool;

/// <summary>The real engine.</summary>
sealed class Engine : ICompressor
{
    public CompressionResult Run(CompressionRequest request, IProgress<StepProgress>? progress, CancellationToken cancellation) =>
        Compression.Run(request, progress, cancellation);

    public Inspection Inspect(string modelPath, IReadOnlyDictionary<string, int[]> shapes, CancellationToken cancellation) =>
        Compression.Inspect(modelPath, shapes, cancellation);

    public PolicyCheck Check(CompressionRequest request, CancellationToken cancellation) => Compression.Check(request, cancellation);
}
