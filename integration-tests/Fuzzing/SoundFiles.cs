using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Compress.Data;
using Compress.IntegrationTests.Support;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.IntegrationTests.Fuzzing;

/// <summary>Data files and policies that fit <see cref="SoundModels"/>.</summary>
static class SoundFiles
{
    const int Samples = 4;
    const int Side = 6;

    public static readonly string[] DataNames = ["d.npz", "d.npy", "d.idx", "d.idx.gz"];

    /// <summary>Each is completed by the name of its data file.</summary>
    public static readonly string[] Policies =
    [
        "version: 1\ndata:\n  calibration: {{ {0}, take: 2 }}\nlayers:\n  - match: \"*\"\n    quantize: int8\n",
        "version: 1\nlayers:\n  - match: \"*\"\n    quantize: {{ as: int8, activations: none, per: tensor }}\n",
        "version: 1\nlayers:\n  - match: {{ op: Conv }}\n    prune: 50%\n  - match: [{{ op: Gemm }}, {{ op: MatMul }}]\n    svd: {{ rank: 2 }}\n",
        "version: 1\ndata:\n  calibration: {{ {0} }}\nlayers:\n  - match: {{ op: Conv, not: {{ depthwise: true }} }}\n    prune: {{ filters: 1/4, by: l2, reconstruct: true }}\n",
        "version: 1\nlayers:\n  - match: [{{ op: Conv, min-parameters: 200 }}, {{ op: ConvTranspose }}]\n    tucker: {{ rank: [2, 2] }}\n  - match: {{ op: MatMul, min-parameters: 10 }}\n    svd: {{ energy: 80% }}\n",
        "version: 1\ndata:\n  calibration: {{ {0}, shuffle: true, seed: 3, scale: 1/255, mean: 0.5, std: 2 }}\n  evaluation: {{ random: 2 }}\nlayers:\n  - &a\n    match: \"*\"\n    svd: 0.5\n    quantize: {{ calibrate: {{ percentile: 99.9 }}, symmetric: true }}\n  - *a\ngates:\n  size: {{ max: 90% }}\n",
    ];

    /// <summary>The input of every sound model.</summary>
    public static readonly ModelInput[] Inputs = [new(SoundModels.Input, DataType.Float, [null, 1, Side, Side], ["batch", "", "", ""])];

    static readonly Dictionary<string, byte[]> Contents = new()
    {
        ["d.npz"] = Npz(),
        ["d.npy"] = NumpyFiles.Npy("<f4", $"({Samples}, 1, {Side}, {Side})", Floats()),
        ["d.idx"] = Idx(),
        ["d.idx.gz"] = Gzip(Idx()),
    };

    public static byte[] Data(string name) => Contents[name];

    /// <summary>The key under which a policy names a data file.</summary>
    public static string KeyOf(string name) => name.Contains("idx", StringComparison.Ordinal) ? "idx" : name[2..];

    public static byte[] Gzip(byte[] bytes)
    {
        var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return stream.ToArray();
    }

    static byte[] Npz() => NumpyFiles.Npz(
        ("x.npy", NumpyFiles.Npy("<f4", $"({Samples}, 1, {Side}, {Side})", Floats())), ("labels.npy", NumpyFiles.Npy("<i8", $"({Samples},)", new byte[8 * Samples])));

    static byte[] Floats() =>
        MemoryMarshal.AsBytes(Enumerable.Range(0, Samples * Side * Side).Select(i => MathF.Sin(i)).ToArray().AsSpan()).ToArray();

    static byte[] Idx() => [0, 0, 8, 3, 0, 0, 0, Samples, 0, 0, 0, Side, 0, 0, 0, Side, .. Enumerable.Range(0, Samples * Side * Side).Select(i => (byte)(i * 7))];
}
