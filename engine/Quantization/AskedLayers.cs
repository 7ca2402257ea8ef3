using Compress.Diagnostics;
using Compress.Layers;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Quantization;

/// <summary>The layers that a plan asks one kind of quantization for.</summary>
static class AskedLayers
{
    /// <summary>Those that can be treated, in the order given.</summary>
    /// <param name="layers">The model's layers.</param>
    /// <param name="plan">What is asked of each.</param>
    /// <param name="asked">What the plan of a layer asks of this kind; null for nothing.</param>
    /// <param name="obstacle">Why a layer cannot be treated; null where it can.</param>
    /// <param name="changes">Takes an entry for each that is skipped.</param>
    /// <exception cref="CompressException">CMP4001: a layer matched by name cannot be treated.</exception>
    public static List<(Layer Layer, Planned<QuantizeSettings> Asked)> Find(
        IEnumerable<Layer> layers, ModelPlan plan, Func<LayerPlan, Planned<QuantizeSettings>?> asked, Func<Layer, QuantizeSettings, string?> obstacle, List<LayerChange> changes)
    {
        var found = new List<(Layer, Planned<QuantizeSettings>)>();
        foreach (var layer in layers)
        {
            if (plan.Of(layer.Node) is not { } own || asked(own) is not { } planned)
                continue;
            if (obstacle(layer, planned.Settings) is not { } reason)
                found.Add((layer, planned));
            else if (planned.ByName)
                throw Codes.CannotApply.Fail(planned.Position, $"cannot quantize {layer}: {reason}");
            else
                changes.Add(new LayerChange(own.Layer.Name, layer.Op, "quantize", planned.Settings.ToString(), Skipped: reason));
        }

        return found;
    }
}
