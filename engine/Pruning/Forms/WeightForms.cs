using Compress.Policies;

namespace Compress.Pruning.Forms;

/// <summary>Finds the implementation of what a policy asks for.</summary>
static class WeightForms
{
    public static IWeightForm Of(PruneForm form) => form switch
    {
        KernelCrop crop => new CropForm(crop),
        KernelPattern pattern => new PatternForm(pattern),
        ZeroShare share => new ZeroForm(share),
        KeptOfEvery ofEvery => new OfEveryForm(ofEvery),
        _ => throw new ArgumentOutOfRangeException(nameof(form), form, "no such form"),
    };
}
