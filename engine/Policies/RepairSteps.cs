namespace Compress.Policies;

/// <summary>The steps that bring a quantized model's outputs nearer to the float model's, in the order in which they are taken.</summary>
[Flags]
public enum RepairSteps
{
    /// <summary>Channels of layers that follow one another are scaled so that their ranges meet.</summary>
    Equalization = 1,

    /// <summary>Biases take back the shift of a layer's mean output.</summary>
    BiasCorrection = 2,

    /// <summary>Layers that do most damage get back float activations, or float weights too.</summary>
    Fallback = 4,

    /// <summary>Each of them.</summary>
    All = Equalization | BiasCorrection | Fallback,
}

/// <summary>What policies and reports call the steps.</summary>
static class RepairStepNames
{
    public static IReadOnlyDictionary<string, RepairSteps> All { get; } = new Dictionary<string, RepairSteps>
    {
        ["equalization"] = RepairSteps.Equalization,
        ["bias-correction"] = RepairSteps.BiasCorrection,
        ["fallback"] = RepairSteps.Fallback,
    };

    public static string Of(RepairSteps step) => All.First(entry => entry.Value == step).Key;
}
