namespace Compress.Policies;

/// <summary>How activation ranges are found.</summary>
public enum Calibrator
{
    /// <summary>The least and the greatest value seen.</summary>
    MinMax,

    /// <summary>The range that holds a given share of the values seen.</summary>
    Percentile,

    /// <summary>The range whose quantized values are distributed most like the values seen.</summary>
    Entropy,

    /// <summary>The range with which quantization changes the values seen least.</summary>
    SquaredError,
}

/// <summary>The CPUs that a quantized model must give its answers on.</summary>
public enum TargetCpu
{
    /// <summary>All of them, with the same answers.</summary>
    Any,

    /// <summary>x64 with AVX2, whose integer kernels add pairs of products in 16 bits.</summary>
    Avx2,

    /// <summary>x64 with VNNI (AVX-512 or AVX), which adds in 32 bits.</summary>
    Vnni,

    /// <summary>64-bit ARM, which adds in 32 bits.</summary>
    Arm,
}

/// <summary>How weights of few bits are rounded.</summary>
public enum WeightRounding
{
    /// <summary>Each to its nearest, over the range of its block.</summary>
    Nearest,

    /// <summary>Each to its nearest, over the range with the least squared error.</summary>
    SquaredError,

    /// <summary>So that the layer's outputs on calibration data change least.</summary>
    Gptq,
}

/// <summary>The operators that weights of 4 bits are written for.</summary>
public enum BlockForm
{
    /// <summary>Those of the standard, which ONNX Runtime fuses in most places.</summary>
    Standard,

    /// <summary>ONNX Runtime's own.</summary>
    Runtime,
}

/// <summary>The runtime that a quantized model is for: whose conventions it keeps to.</summary>
public enum RuntimeProfile
{
    /// <summary>ONNX Runtime's kernels for the CPU.</summary>
    OrtCpu,

    /// <summary>TensorRT: symmetric activations, and biases in float.</summary>
    TensorRt,

    /// <summary>Qualcomm's NPUs: a scale for each channel in convolutions alone, and graph outputs quantized too.</summary>
    Qnn,

    /// <summary>OpenVINO: biases in float.</summary>
    OpenVino,
}

/// <summary>What numbers a layer is brought to.</summary>
public enum QuantizationType
{
    /// <summary>8-bit integers, at ranges of activations measured beforehand.</summary>
    Int8,

    /// <summary>16-bit activations, at ranges measured beforehand, and 8-bit weights.</summary>
    Int16,

    /// <summary>4-bit integers, of the weights of dense layers and tables alone, in blocks.</summary>
    Int4,

    /// <summary>Signs, of weights alone, with a magnitude for each output channel.</summary>
    Binary,

    /// <summary>8-bit integers, at ranges of activations that are found anew in every run.</summary>
    Dynamic,

    /// <summary>fp16: floating-point numbers with 5 bits of exponent and 10 of fraction.</summary>
    Float16,

    /// <summary>bf16: the upper halves of float32, with 8 bits of exponent and 7 of fraction; of weights alone.</summary>
    BFloat16,
}

/// <summary>Quantization: of weights and activations, or of weights alone.</summary>
/// <param name="PerChannel">A scale for each output channel of a weight, or one for the whole weight.</param>
/// <param name="Symmetric">Whether activation ranges are symmetric about zero.</param>
/// <param name="Calibrate">How activation ranges are found.</param>
/// <param name="Percentile">The share of values kept, in percent, for <see cref="Calibrator.Percentile"/>.</param>
/// <param name="Activations">Whether activations are quantized; without, no data is needed and layers compute in float.</param>
/// <param name="RepairAbove">
/// The relative error of the model's outputs on calibration data above which layers go back to float; null takes none back.
/// </param>
/// <param name="TargetCpu">The CPUs whose integer kernels must not saturate.</param>
/// <param name="As">The type.</param>
/// <param name="Profile">The runtime that the model is for.</param>
/// <param name="Repair">The steps that repair may take.</param>
/// <param name="IsRepairNamed">Whether the policy names the steps, so that they are tried even where the outputs are near enough.</param>
/// <param name="RepairBudget">The most that may fall back to float, as a share of the MACs of all layers.</param>
/// <param name="Block">How many weights of 4 bits share a scale.</param>
/// <param name="By">How weights of 4 bits are rounded; null for the best that can be done.</param>
/// <param name="Form">The operators that they are written for.</param>
public sealed record QuantizeSettings(
    bool PerChannel = true, bool Symmetric = false, Calibrator Calibrate = Calibrator.MinMax, double Percentile = 99.999, bool Activations = true,
    double? RepairAbove = QuantizeSettings.DefaultRepairAbove, TargetCpu TargetCpu = TargetCpu.Any, QuantizationType As = QuantizationType.Int8,
    RuntimeProfile Profile = RuntimeProfile.OrtCpu, RepairSteps Repair = RepairSteps.All, bool IsRepairNamed = false, double RepairBudget = 1,
    int Block = BlockSizes.Usual, WeightRounding? By = null, BlockForm Form = BlockForm.Runtime)
{
    public const double DefaultRepairAbove = 0.1;

    /// <summary>What a policy calls the type of activations.</summary>
    public string TypeName => As == QuantizationType.Int16 ? "int16" : "int8";

    /// <summary>The bits of an activation, for the types whose ranges are measured beforehand.</summary>
    public int ActivationBits => As == QuantizationType.Int16 ? 16 : 8;

    public bool HasSymmetricActivations => Symmetric || Profile == RuntimeProfile.TensorRt;

    /// <summary>Whether biases become int32; sums with 16-bit activations would leave them too few bits.</summary>
    public bool HasIntegerBias => As == QuantizationType.Int8 && Profile is RuntimeProfile.OrtCpu or RuntimeProfile.Qnn;

    public bool HasIntegerOutputs => Profile == RuntimeProfile.Qnn;

    /// <summary>Whether the model is to meet ONNX Runtime's own int8 kernels.</summary>
    public bool IsForRuntimeKernels => As == QuantizationType.Int8 && Profile == RuntimeProfile.OrtCpu;

    /// <summary>Whether the weight of such an operator has a scale for each output channel.</summary>
    public bool IsPerChannel(string operatorType) => PerChannel && (Profile != RuntimeProfile.Qnn || operatorType == "Conv");

    /// <summary>The settings as the policy says them, e.g. <c>int8 per channel, minmax</c>.</summary>
    public override string ToString() => As switch
    {
        QuantizationType.Float16 => Activations ? "fp16" : "fp16, weights only",
        QuantizationType.BFloat16 => "bf16, weights only",
        QuantizationType.Int4 => $"int4 in blocks of {Block}" + (Symmetric ? ", symmetric" : "") + (By is { } rounding ? $", by {NameOf(rounding)}" : "") + (Form == BlockForm.Standard ? ", in standard operators" : ""),
        QuantizationType.Binary => $"binary per {Granularity}",
        QuantizationType.Dynamic => $"dynamic per {Granularity}{TargetText}",
        _ => $"{(Activations ? TypeName : "int8")} per {Granularity}, " + (Activations ? ActivationsText : "weights only"),
    };

    static string NameOf(WeightRounding rounding) => rounding switch
    {
        WeightRounding.Nearest => "nearest",
        WeightRounding.SquaredError => "mse",
        _ => "gptq",
    };

    string Granularity => PerChannel ? "channel" : "tensor";

    string TargetText => TargetCpu == TargetCpu.Any ? "" : $", for {TargetCpu.ToString().ToLowerInvariant()}";

    string ActivationsText =>
        (HasSymmetricActivations ? "symmetric, " : "")
        + Calibrate switch
        {
            Calibrator.Percentile => $"percentile {Percentile}",
            Calibrator.Entropy => "entropy",
            Calibrator.SquaredError => "mse",
            _ => "minmax",
        }
        + TargetText + ProfileText + RepairText;

    string ProfileText => Profile == RuntimeProfile.OrtCpu ? "" : $", for {Profile.ToString().ToLowerInvariant()}";

    string RepairText => !IsRepairNamed ? "" : ", repaired by " + string.Join(" and ", RepairStepNames.All.Where(step => Repair.HasFlag(step.Value)).Select(step => step.Key));
}
