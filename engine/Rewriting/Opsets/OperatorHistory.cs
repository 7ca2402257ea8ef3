namespace Compress.Rewriting.Opsets;

/// <summary>
/// What became of the standard operators up to opset 21, as far as ONNX Runtime still runs the older versions: of those before
/// opset 7 it runs none that broadcasts by attributes.
/// </summary>
static class OperatorHistory
{
    /// <summary>
    /// Operators of which every version reads a node of every version before in the same way: newer ones only take more types, or
    /// inputs and attributes that may be left out.
    /// </summary>
    static readonly HashSet<string> Widened = [.. """
        Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool
        Bernoulli BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow
        Cast CastLike Ceil Celu CenterCropPad Col2Im Compress Concat ConcatFromSequence Constant ConstantOfShape Conv ConvInteger
        ConvTranspose Cos Cosh CumSum
        DeformConv DepthToSpace DequantizeLinear Det Div DynamicQuantizeLinear
        Einsum Elu Equal Erf Exp Expand EyeLike
        Flatten Floor
        GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual
        HammingWindow HannWindow HardSigmoid HardSwish
        Identity If ImageDecoder InstanceNormalization IsInf IsNaN
        LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log Loop LpNormalization LpPool
        MatMul MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul Multinomial
        Neg NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not
        OneHot Optional OptionalGetElement OptionalHasElement Or
        PRelu Pow
        QLinearConv QLinearMatMul QuantizeLinear
        RNN RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal RegexFullMatch Relu Reshape ReverseSequence
        Round
        STFT ScatterElements ScatterND Selu SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength
        SequenceMap Shape Shrink Sigmoid Sign Sin Sinh Size SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth SplitToSequence Sqrt
        StringConcat StringNormalizer StringSplit Sub Sum
        Tan Tanh TfIdfVectorizer ThresholdedRelu Tile Transpose Trilu
        Unique
        Where
        Xor
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];

    static readonly HashSet<string> Known;

    static readonly string[] Reductions =
        ["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSumSquare"];

    static readonly string[] Softmaxes = ["Softmax", "LogSoftmax", "Hardmax"];

    /// <summary>The versions at which a node has to be written anew, each with the adapter from the version before.</summary>
    static readonly Dictionary<(string Operator, int Version), OpsetAdapter> Rewritten = new()
    {
        [("BatchNormalization", 9)] = NormalizationAdapters.BatchNormalization9,
        [("BatchNormalization", 14)] = NormalizationAdapters.BatchNormalization14,
        [("Clip", 11)] = InputAdapters.Clip11,
        [("DFT", 20)] = InputAdapters.Dft20,
        [("Dropout", 10)] = InputAdapters.Dropout10,
        [("Dropout", 12)] = InputAdapters.Dropout12,
        [("GridSample", 20)] = ImageAdapters.GridSample20,
        [("GroupNormalization", 21)] = NormalizationAdapters.GroupNormalization21,
        [("Pad", 11)] = InputAdapters.Pad11,
        [("ReduceSum", 13)] = AxesAdapters.AxesAsInput,
        [("Resize", 11)] = ImageAdapters.Resize11,
        [("Resize", 13)] = ImageAdapters.Resize13,
        [("RoiAlign", 16)] = ImageAdapters.RoiAlign16,
        [("Scan", 9)] = _ => "version 8 scans along a batch axis as well, which later versions do not know",
        [("Scatter", 11)] = InputAdapters.Scatter11,
        [("Slice", 10)] = InputAdapters.Slice10,
        [("Split", 13)] = AxesAdapters.Split13,
        [("Split", 18)] = AxesAdapters.Split18,
        [("Squeeze", 13)] = AxesAdapters.AxesAsInput,
        [("TopK", 10)] = InputAdapters.TopK10,
        [("Unsqueeze", 13)] = AxesAdapters.AxesAsInput,
        [("Upsample", 9)] = ImageAdapters.Upsample9,
        [("Upsample", 10)] = ImageAdapters.Upsample10,
    };

    /// <summary>Operators that were called in another way before a version, which is not translated.</summary>
    static readonly Dictionary<int, string> Reformed = new()
    {
        [2] = "GlobalLpPool LpPool Pad Split",
        [3] = "GRU",
        [4] = "Concat",
        [5] = "Reshape",
        [6] = "Abs Cast Ceil Clip Elu Exp Floor HardSigmoid InstanceNormalization LeakyRelu Log Max Mean Min Neg Reciprocal Relu Selu "
            + "Sigmoid Sqrt Sum Tanh Tile",
        [7] = "Add And AveragePool BatchNormalization Div Dropout Equal GRU Gemm Greater LSTM Less Mul Or PRelu Pow RNN Sub Upsample Xor",
    };

    static OperatorHistory()
    {
        foreach (var (version, names) in Reformed)
        {
            foreach (var name in names.Split(' '))
                Rewritten[(name, version)] = _ => "its older form is not translated";
        }

        foreach (var reduction in Reductions)
            Rewritten[(reduction, 18)] = AxesAdapters.AxesAsInput;
        foreach (var softmax in Softmaxes)
            Rewritten[(softmax, 13)] = NormalizationAdapters.Softmax13;
        Known = [.. Widened, .. Rewritten.Keys.Select(key => key.Operator)];
    }

    /// <summary>Whether it is an operator of a standard opset up to 21.</summary>
    public static bool Knows(string op) => Known.Contains(op);

    /// <summary>The adapter to a version from the one before; null where that version reads a node of the one before as it is.</summary>
    public static OpsetAdapter? AdapterTo(string op, int version) => Rewritten.GetValueOrDefault((op, version));
}
