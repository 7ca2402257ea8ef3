using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization.HalfPrecision;

/// <summary>The operator that changes the type of numbers.</summary>
static class HalfCast
{
    public static Node Node(Graph graph, string input, string output, DataType type) =>
        Models.Node.Create("Cast", graph.Fresh($"{input}/Cast"), [input], [output]).With("to", (long)type);
}
