using Compress.IntegrationTests.Support;
using Compress.Reporting;

namespace Compress.IntegrationTests.Zoo;

/// <summary>A real model, compressed by policies on samples of its own kind and compared with itself on others.</summary>
sealed class ZooCompression : IDisposable
{
    /// <summary>Calibration samples have lower seeds.</summary>
    const int FirstUnseen = 1000;

    readonly TemporaryModelFolder folder = new();
    readonly IReadOnlyList<IReadOnlyDictionary<string, Array>> unseen;

    ZooCompression(ZooModel zoo, string path, int calibrationSamples, int unseenSamples)
    {
        Path = path;
        NpzFile.Write(folder["calibration.npz"], [.. Enumerable.Range(0, calibrationSamples).Select(zoo.Sample)]);
        unseen = [.. Enumerable.Range(FirstUnseen, unseenSamples).Select(zoo.Sample)];
        Expected = ZooOutputs.Of(path, unseen);
    }

    /// <summary>The original model's file.</summary>
    public string Path { get; }

    /// <summary>The compressed model's file.</summary>
    public string Output => folder.Output;

    /// <summary>What the original gives for samples that calibration does not see.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, float[]>> Expected { get; }

    /// <summary>The size of the compressed file relative to the original's.</summary>
    public double Size => (double)new FileInfo(Output).Length / new FileInfo(Path).Length;

    public static async Task<ZooCompression> Of(string name, int calibrationSamples, int unseenSamples)
    {
        var zoo = ZooModel.Of(name);
        return new ZooCompression(zoo, await zoo.File(), calibrationSamples, unseenSamples);
    }

    /// <summary>Compresses the model, which must succeed.</summary>
    /// <param name="rules">The rules of the policy, one in each line.</param>
    /// <returns>The report, and what the compressed model gives for the unseen samples.</returns>
    public (Report Report, IReadOnlyList<IReadOnlyDictionary<string, float[]>> Found) Run(params string[] rules)
    {
        File.WriteAllLines(folder["compress.yaml"], ["version: 1", "data:", "  calibration: { npz: calibration.npz }", "layers:", .. rules.Select(rule => $"  - {rule}")]);
        var result = Compression.Run(new CompressionRequest(folder["compress.yaml"]) { ModelPath = Path, OutputPath = Output, Gates = GateMode.Skip });
        Assert.True(result.Outcome == Outcome.Done, string.Join("\n", result.Report.Diagnostics));
        return (result.Report, ZooOutputs.Of(Output, unseen));
    }

    public void Dispose() => folder.Dispose();
}
