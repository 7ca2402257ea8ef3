using Compress.Data;
using Compress.Models;
using Compress.Quantization.HalfPrecision;
using Compress.UnitTests.Support;
using static Compress.Onnx.TensorProto.Types;
using Tensor = Compress.Models.Tensor;

namespace Compress.UnitTests.Quantization.HalfPrecision;

/// <summary>Every operator that is let into fp16 is loaded and run so by stock ONNX Runtime, alone, between two Casts.</summary>
public class HalfOperatorsTests
{
    static readonly string[] Unary =
    [
        "Abs", "ArgMax", "ArgMin", "Ceil", "Dropout", "Elu", "Erf", "Exp", "Flatten", "Floor", "GlobalAveragePool", "GlobalMaxPool", "HardSigmoid", "HardSwish",
        "Identity", "LeakyRelu", "LogSoftmax", "LpNormalization", "Neg", "ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceMax",
        "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare", "Relu", "Round", "Selu", "Shape", "Sigmoid", "Sign", "Size", "Softmax", "Softplus",
        "Softsign", "Tanh", "ThresholdedRelu", "Transpose", "Gelu", "Mish", "Trilu", "Log", "Sqrt", "Reciprocal",
    ];

    static readonly string[] Binary = ["Add", "Sub", "Mul", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Min", "Mean", "Sum", "MatMul", "PRelu", "Pow"];

    public static TheoryData<string> Names => [.. HalfOperators.Capable.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void ONNX_Runtime_loads_and_runs_the_operator_in_fp16(string op)
    {
        var (inFloat, inHalf) = (Model(op, DataType.Float), Model(op, DataType.Float16));
        var sample = new Dictionary<string, DataTensor>
        {
            ["x"] = DataTensor.Of([.. new GraphBuilder(seed: 3).Normal(64).Select(value => MathF.Abs(value) + 0.1f)], [1, 4, 4, 4]),
        };

        var expected = Ort.Run(inFloat, sample);

        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(inHalf, sample, optimize: false)), 0, 0.01);
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(inHalf, sample, optimize: true)), 0, 0.01);
    }

    /// <summary>x → Cast → the operator in that type → Cast to float32 → y.</summary>
    static Model Model(string op, DataType type)
    {
        var builder = new GraphBuilder(opset: op is "Gelu" ? 20 : op is "GroupNormalization" ? 21 : op is "Mish" ? 18 : op is "LayerNormalization" ? 17 : op is "Trilu" or "HardSwish" ? 14 : 13)
            .Input("x", 1, 4, 4, 4).Node("Cast", ["x"], "h", node => node.With("to", (long)type));
        var random = new GraphBuilder(seed: 8);
        Operator();
        return builder.Node("Cast", ["o"], "y", node => node.With("to", (long)DataType.Float)).Output("y").Build();

        void Operator()
        {
            if (Unary.Contains(op))
            {
                builder.Node(op, ["h"], "o");
                return;
            }

            if (Binary.Contains(op))
            {
                Weight("w", 4);
                if (op == "MatMul")
                    Weight("m", 4, 4);
                builder.Node(op, ["h", op == "MatMul" ? "m" : "w"], "o");
                return;
            }

            switch (op)
            {
                case "AveragePool" or "MaxPool":
                    builder.Node(op, ["h"], "o", node => node.With("kernel_shape", 2, 2));
                    break;
                case "BatchNormalization":
                    Weights("scale", "bias", "mean", "variance");
                    builder.Node(op, ["h", "scale", "bias", "mean", "variance"], "o");
                    break;
                case "InstanceNormalization" or "GroupNormalization" or "LayerNormalization":
                    Weights("scale", "bias");
                    builder.Node(op, ["h", "scale", "bias"], "o", node => _ = op == "GroupNormalization" ? node.With("num_groups", 2) : node);
                    break;
                case "Cast":
                    builder.Node(op, ["h"], "o", node => node.With("to", (long)DataType.Int32));
                    break;
                case "Clip":
                    Constant("low", [0.5f]);
                    Constant("high", [float.MaxValue]);
                    builder.Node(op, ["h", "low", "high"], "o");
                    break;
                case "Concat":
                    builder.Node(op, ["h", "h"], "o", node => node.With("axis", 1));
                    break;
                case "Conv" or "ConvTranspose":
                    Weight("w", 4, 4, 2, 2);
                    builder.Node(op, ["h", "w"], "o");
                    break;
                case "DepthToSpace" or "SpaceToDepth":
                    builder.Node(op, ["h"], "o", node => node.With("blocksize", 2));
                    break;
                case "Einsum":
                    builder.Node(op, ["h", "h"], "o", node => node.With("equation", "abij,abjk->abik"));
                    break;
                case "Expand" or "Reshape" or "Tile":
                    builder.Constant<long>("sizes", op == "Tile" ? [1L, 1, 2, 1] : op == "Reshape" ? [4L, 16] : [2L, 4, 4, 4]).Node(op, ["h", "sizes"], "o");
                    break;
                case "Gather":
                    builder.Constant("indices", [1L, 0]).Node(op, ["h", "indices"], "o", node => node.With("axis", 1));
                    break;
                case "GatherElements":
                    builder.Constant("indices", [0L, 0, 0, 0], 1, 1, 1, 4).Node(op, ["h", "indices"], "o", node => node.With("axis", 2));
                    break;
                case "GatherND":
                    builder.Constant("indices", [0L, 2], 1, 2).Node(op, ["h", "indices"], "o");
                    break;
                case "Gemm":
                    Weight("w", 16, 3);
                    Weight("b", 3);
                    builder.Constant("sizes", [4L, 16]).Node("Reshape", ["h", "sizes"], "f").Node(op, ["f", "w", "b"], "o");
                    break;
                case "LRN":
                    builder.Node(op, ["h"], "o", node => node.With("size", 3));
                    break;
                case "Pad":
                    Constant("value", [0.25f]);
                    builder.Constant("pads", [0L, 0, 1, 1, 0, 0, 1, 1]).Node(op, ["h", "pads", "value"], "o");
                    break;
                case "Resize":
                    builder.Constant("scales", [1f, 1, 2, 2]).Node(op, ["h", "", "scales"], "o");
                    break;
                case "ScatterElements":
                    Weight("updates", 1, 1, 1, 4);
                    builder.Constant("indices", [1L, 2, 3, 0], 1, 1, 1, 4).Node(op, ["h", "indices", "updates"], "o", node => node.With("axis", 2));
                    break;
                case "ScatterND":
                    Weight("updates", 1, 4, 4);
                    builder.Constant("indices", [0L, 2], 1, 2).Node(op, ["h", "indices", "updates"], "o");
                    break;
                case "Slice":
                    builder.Constant("starts", [1L]).Constant("ends", [3L]).Constant("axes", [2L]).Node(op, ["h", "starts", "ends", "axes"], "o");
                    break;
                case "Split":
                    builder.Add(Node.Create(op, "split", ["h"], ["o", "rest"]).With("axis", 1));
                    break;
                case "Squeeze" or "Unsqueeze":
                    builder.Constant("axes", [0L]).Node(op, ["h", "axes"], "o");
                    break;
                case "TopK":
                    builder.Constant("k", [2L]).Add(Node.Create(op, "top", ["h", "k"], ["o", "indices"]));
                    break;
                case "Where":
                    Constant("one", [1f]);
                    builder.Node("Greater", ["h", "one"], "condition").Node(op, ["condition", "h", "one"], "o");
                    break;
                default:
                    Assert.Fail($"there is no example of {op}");
                    break;
            }
        }

        void Weights(params string[] names)
        {
            foreach (var name in names)
                Weight(name, 4);
        }

        void Weight(string name, params int[] shape) => Typed(name, [.. random.Normal(shape.Aggregate(1, (a, b) => a * b)).Select(value => MathF.Abs(value) + 0.1f)], shape);

        void Constant(string name, float[] values) => Typed(name, values, []);

        void Typed(string name, float[] values, int[] shape) => builder.Constant(type == DataType.Float
            ? Tensor.Of<float>(name, values, shape) : Tensor.Of<Half>(name, [.. values.Select(value => (Half)value)], shape));
    }
}
