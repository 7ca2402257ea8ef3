using Compress.Diagnostics;
using Compress.Models;
using Compress.Onnx;

namespace Compress.Execution;

/// <summary>What ONNX Runtime makes of a quantized model: operators around which quantizers stand may become one in int8, or may not.</summary>
static class OptimizedGraph
{
    static readonly HashSet<string> Integer =
    [
        "QLinearConv", "QLinearMatMul", "QGemm", "ConvInteger", "MatMulInteger", "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "QAttention", "DynamicQuantizeLSTM",
    ];

    static readonly HashSet<string> Float = ["Conv", "FusedConv", "NhwcFusedConv", "ConvTranspose", "Gemm", "FusedGemm", "MatMul", "FusedMatMul", "LSTM", "MatMulNBits"];

    /// <summary>Has the runtime optimize a model for this machine, as on opening it in an app, and looks at what it would run.</summary>
    /// <param name="path">A model; one with external data is written once more with its data inside.</param>
    /// <param name="threads">Threads within an operator; 0 leaves the number to the runtime.</param>
    /// <exception cref="CompressException">CMP2003: the runtime does not accept the model. CMP6001: the folder for temporary files has no room.</exception>
    public static IntegerExecution Look(string path, int threads)
    {
        var folder = Directory.CreateTempSubdirectory("compress-optimized-").FullName;
        try
        {
            var optimized = Path.Combine(folder, "model.onnx");
            Session.Open(path, new SessionSettings(threads, Prepack: false, Arena: false) { OptimizedModelPath = optimized }).Dispose();
            using var stream = File.OpenRead(optimized);
            using var written = File.OpenRead(path);
            return Count(ModelProto.Parser.ParseFrom(stream).Graph) with { CrossingsWritten = Crossings(ModelProto.Parser.ParseFrom(written).Graph) };
        }
        catch (Exception exception) when (AtomicFile.IsRefusal(exception))
        {
            throw AtomicFile.CannotWrite(folder, exception);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Places where a tensor that is no constant changes between float and integers.</summary>
    static int Crossings(GraphProto graph)
    {
        var constants = graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        return graph.Node.Count(node => node.OpType is "QuantizeLinear" or "DequantizeLinear" or "DynamicQuantizeLinear" && !constants.Contains(node.Input[0]));
    }

    /// <summary>Counts layers and the places where numbers change between float and integers.</summary>
    public static IntegerExecution Count(GraphProto graph)
    {
        var constants = graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        var dequantized = graph.Node.Where(node => node.OpType == "DequantizeLinear" && !constants.Contains(node.Input[0])).Select(node => node.Output[0]).ToHashSet();
        var weights = graph.Node.Where(node => node.OpType == "DequantizeLinear" && constants.Contains(node.Input[0])).Select(node => node.Output[0]).Concat(constants).ToHashSet();
        return new IntegerExecution(
            graph.Node.Count(node => Integer.Contains(node.OpType)),
            graph.Node.Count(node => Float.Contains(node.OpType) && node.Input.Skip(1).Any(weights.Contains)),
            Crossings(graph),
            graph.Node.Count(node => node.OpType == "QuantizeLinear" && dequantized.Contains(node.Input[0])));
    }
}

/// <summary>What of a model ONNX Runtime computes in integers on this machine.</summary>
/// <param name="IntegerLayers">Layers that it runs in int8.</param>
/// <param name="FloatLayers">Layers with constant weights that it runs in float.</param>
/// <param name="Crossings">Places where a tensor changes between float and integers.</param>
/// <param name="LonePairs">Those among them where a tensor is made float only to be quantized again.</param>
/// <param name="CrossingsWritten">Such places in the file, between whose pairs most operators run in integers; null where only a graph was looked at.</param>
public sealed record IntegerExecution(int IntegerLayers, int FloatLayers, int Crossings, int LonePairs, int? CrossingsWritten = null);
