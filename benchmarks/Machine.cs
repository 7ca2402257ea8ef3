using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Compress.Benchmarks;

/// <summary>What figures depend on besides the code.</summary>
static class Machine
{
    /// <summary>The averages over 1, 5 and 15 minutes, where the system tells them.</summary>
    public static string Load => File.Exists("/proc/loadavg") ? string.Join(", ", File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";

    /// <summary>Rows of a Markdown table.</summary>
    public static string Describe() => string.Join('\n',
        $"| processor | {CpuInfo("model name")}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores |",
        $"| int8 dot products (VNNI) | {Vnni} |",
        $"| AVX2, AVX-512 | {Has("avx2")}, {Has("avx512f")} |",
        $"| system | {RuntimeInformation.OSDescription.Split('#')[0].Trim()}, {RuntimeInformation.FrameworkDescription} |",
        $"| ONNX Runtime | {OrtEnv.Instance().GetVersionString()} |",
        $"| load average at the start | {Load} |");

    static string Vnni => Has("avx512_vnni") == "yes" || Has("avx_vnni") == "yes" ? "yes" : Has("avx512_vnni");

    static string Has(string flag) => CpuInfo("flags") is var flags && flags.StartsWith("unknown", StringComparison.Ordinal) ? "unknown"
        : flags.Split(' ').Contains(flag) ? "yes" : "no";

    static string CpuInfo(string key) => File.Exists("/proc/cpuinfo")
        && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } found
            ? found[(found.IndexOf(':') + 1)..].Trim()
            : $"unknown {key}";
}
