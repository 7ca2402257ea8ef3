using System.Reflection;

namespace Compress.IntegrationTests.Support;

/// <summary>What the tests take from the repository.</summary>
static class Repository
{
    public static string Root { get; } = Path.GetFullPath(Metadata("RepositoryRoot"));

    public static string OnnxRuntimeVersion { get; } = Metadata("OnnxRuntimeVersion");

    /// <summary>Where NuGet keeps the packages that a restore fetched.</summary>
    public static string PackageFolder { get; } = Metadata("PackageFolder");

    /// <summary>6.7 MB, of which 6.4 MB are one Gemm's weight.</summary>
    public static string LeNet { get; } = Path.Combine(Root, "samples", "fashion-mnist", "models", "fmnist-lenet.onnx");

    public static string ResNet { get; } = Path.Combine(Root, "samples", "fashion-mnist", "models", "fmnist-resnet.onnx");

    /// <summary>The models of the samples, trained on Fashion-MNIST.</summary>
    public static IReadOnlyList<string> Samples { get; } = [.. Directory.GetFiles(Path.Combine(Root, "samples", "fashion-mnist", "models"), "*.onnx").Order(StringComparer.Ordinal)];

    static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
