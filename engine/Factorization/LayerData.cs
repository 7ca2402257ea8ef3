using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Regression;
using Compress.Techniques;

namespace Compress.Factorization;

/// <summary>Samples of the layers of a model, for factors that are chosen by what they give on data.</summary>
sealed class LayerData : IDisposable
{
    readonly Reconstruction reconstruction;
    readonly RidgeFit ridge = new();

    LayerData(Reconstruction reconstruction) => this.reconstruction = reconstruction;

    /// <param name="model">The model, which is edited layer by layer from its inputs on.</param>
    /// <param name="context">With calibration data, and the model as it is now for its original.</param>
    /// <param name="asked">The layers in the order of the graph.</param>
    public static LayerData Of(Model model, CompressionContext context, IReadOnlyList<(Layer Layer, LayerPlan Own, Planned<FactorizeSettings> Planned)> asked) => new(
        new Reconstruction(model, context, [.. asked.Where(entry => entry.Layer.Within is null && entry.Planned.Settings.DataAware != false && entry.Layer.WeightInput == 1)
            .Select(entry => entry.Layer.Node)], _ => null));

    /// <summary>The samples of a layer; null where it is not to look at data, or cannot. Layers are to be asked for in the order of the graph.</summary>
    public SampledLayer? Collect(Node node, FactorizeSettings settings)
    {
        if (settings.DataAware == false)
            return null;
        // A layer's matrices are large and soon garbage.
        GC.Collect();
        return reconstruction.Collect(node) is { } samples ? new SampledLayer(samples, ridge) : null;
    }

    public void Dispose() => reconstruction.Dispose();
}

/// <summary>A layer's samples, and what fits layers to them.</summary>
sealed record SampledLayer(LayerSamples Samples, RidgeFit Ridge);
