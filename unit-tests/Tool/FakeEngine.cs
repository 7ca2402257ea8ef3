using Compress.Techniques;
using Compress.Tool;

namespace Compress.UnitTests.Tool;

/// <summary>Gives the results that a test wants, and keeps what it was asked.</summary>
sealed class FakeEngine : ICompressor
{
    public Func<CompressionRequest, IProgress<StepProgress>?, CompressionResult> OnRun { get; init; } = (_, _) => Results.Passed;

    public Func<string, Inspection> OnInspect { get; init; } = _ => Results.Inspection;

    public Func<CompressionRequest, PolicyCheck> OnCheck { get; init; } = _ => Results.Check;

    public CompressionRequest? Asked { get; private set; }

    public IReadOnlyDictionary<string, int[]>? Shapes { get; private set; }

    public CompressionResult Run(CompressionRequest request, IProgress<StepProgress>? progress, CancellationToken cancellation)
    {
        Asked = request;
        cancellation.ThrowIfCancellationRequested();
        return OnRun(request, progress);
    }

    public Inspection Inspect(string modelPath, IReadOnlyDictionary<string, int[]> shapes, CancellationToken cancellation)
    {
        Shapes = shapes;
        return OnInspect(modelPath);
    }

    public PolicyCheck Check(CompressionRequest request, CancellationToken cancellation)
    {
        Asked = request;
        return OnCheck(request);
    }
}
