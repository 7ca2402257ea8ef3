using System.Collections.Frozen;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization.HalfPrecision;

/// <summary>
/// The standard operators that take and give fp16 from opset 13 on, by ONNX's type constraints and by what ONNX Runtime loads on a CPU, and
/// what is known of their ranges. All others stay in float32: among them Range and NonMaxSuppression, which have no fp16; CumSum, Sin, Cos
/// and Tan, which lose what they are asked for when a position above 2,048 is rounded; recurrent layers, whose state would gather
/// errors; and whatever has bodies.
/// </summary>
static class HalfOperators
{
    /// <summary>The opset whose type constraints these are; later ones only add to them.</summary>
    public const int LeastOpset = 13;

    /// <summary>Their names.</summary>
    public static readonly FrozenSet<string> Capable = new[]
    {
        "Abs", "Add", "ArgMax", "ArgMin", "AveragePool", "BatchNormalization", "Cast", "Ceil", "Clip", "Concat", "Conv", "ConvTranspose", "DepthToSpace",
        "Div", "Dropout", "Einsum", "Elu", "Equal", "Erf", "Exp", "Expand", "Flatten", "Floor", "Gather", "GatherElements", "GatherND", "Gelu", "Gemm",
        "GlobalAveragePool", "GlobalMaxPool", "Greater", "GreaterOrEqual", "GroupNormalization", "HardSigmoid", "HardSwish", "Identity",
        "InstanceNormalization", "LRN", "LayerNormalization", "LeakyRelu", "Less", "LessOrEqual", "Log", "LogSoftmax", "LpNormalization", "MatMul", "Max", "MaxPool", "Mean", "Min",
        "Mish", "Mul", "Neg", "PRelu", "Pad", "Pow", "Reciprocal", "ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
        "ReduceProd", "ReduceSum", "ReduceSumSquare", "Relu", "Reshape", "Resize", "Round", "ScatterElements", "ScatterND", "Selu", "Shape", "Sigmoid",
        "Sign", "Size", "Slice", "Softmax", "Softplus", "Softsign", "SpaceToDepth", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh", "ThresholdedRelu",
        "Tile", "TopK", "Transpose", "Trilu", "Unsqueeze", "Where",
    }.ToFrozenSet();

    /// <summary>Whether ONNX has the operator in fp16, in which this node would compute as it does now.</summary>
    /// <param name="node">A node that reads or makes float32.</param>
    /// <param name="isFloat">Whether a tensor is float32.</param>
    public static bool Take(Node node, Func<string, bool> isFloat) => node.Domain.Length == 0 && Capable.Contains(node.OpType) && node.OpType switch
    {
        // A Cast to float32 is a border itself.
        "Cast" => isFloat(node.Input(0)) && node.Int("to") != (long)DataType.Float,
        // The statistics that it can give beside its result are float32.
        "LayerNormalization" or "BatchNormalization" => node.Outputs.Skip(1).All(output => output.Length == 0),
        _ => true,
    };

    /// <summary>Whether an input stays float32 where the node computes in fp16.</summary>
    public static bool StaysFloat(Node node, int input) => node.OpType switch
    {
        "Resize" => input is 1 or 2,
        "Dropout" => input == 1,
        _ => false,
    };

    /// <summary>Whether what the node gives can be far greater than all that it reads, as squares and sums are.</summary>
    public static bool Grows(Node node) =>
        node.Is("Exp", "Pow", "ReduceL1", "ReduceL2", "ReduceProd", "ReduceSum", "ReduceSumSquare") || (node.Is("Mul") && node.Input(0) == node.Input(1));

    /// <summary>Whether the node brings numbers of any magnitude back to a moderate one.</summary>
    public static bool Tames(Node node) =>
        node.Is("Sqrt", "Log", "Div", "Softmax", "LogSoftmax", "ReduceLogSumExp", "Sigmoid", "HardSigmoid", "Tanh", "Erf", "Softsign", "Sign")
        || node.Is("LayerNormalization", "InstanceNormalization", "GroupNormalization", "BatchNormalization", "LpNormalization");
}
