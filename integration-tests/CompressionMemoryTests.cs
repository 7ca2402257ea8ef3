using System.Globalization;
using Compress.IntegrationTests.Support;

namespace Compress.IntegrationTests;

/// <summary>Memory follows the largest weight, and not the model.</summary>
public sealed class CompressionMemoryTests : IDisposable
{
    const int Width = 2048;

    readonly string folder = Directory.CreateTempSubdirectory("compress-memory-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>The model has 0.3 GB, or as many as COMPRESS_TEST_GB says. A copy of its weights would not fit the limit.</summary>
    [Fact]
    public async Task Weights_are_quantized_one_after_another()
    {
        var gigabytes = double.Parse(Environment.GetEnvironmentVariable("COMPRESS_TEST_GB") ?? "0.3", CultureInfo.InvariantCulture);
        MadeUpModel.Write(Path.Combine(folder, "m.onnx"), (int)(gigabytes * 1e9 / (4 * Width * Width)), Width, external: true);
        File.WriteAllText(Path.Combine(folder, "compress.yaml"), "version: 1\nmodel: m.onnx\noutput: out.onnx\nlayers: [{ match: '*', quantize: { activations: none } }]\n");

        var peak = 0L;
        using (var process = Tool.Start(folder, "--gates", "skip"))
        {
            while (!process.WaitForExit(5))
            {
                process.Refresh();
                peak = Math.Max(peak, process.HasExited ? 0 : process.PeakWorkingSet64);
            }

            Assert.Equal(0, process.ExitCode);
        }

        var limit = Math.Min(700, 250 + (gigabytes * 150));
        Assert.True(peak > 0 && peak < limit * 1e6, $"{peak / 1e6:F0} MB, and {limit:F0} MB are allowed");
        var before = new FileInfo(Path.Combine(folder, "m.onnx_data")).Length;
        var after = new FileInfo(Assert.Single(Directory.GetFiles(folder, "out.onnx.*.data"))).Length;
        Assert.InRange((double)after / before, 0.25, 0.26);
        (await Tool.Run(folder, "inspect", "out.onnx")).Succeeded();
    }
}
