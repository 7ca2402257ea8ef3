using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Quantization;

/// <summary>A layer whose place something else took that makes the same tensor.</summary>
/// <param name="Layer">The layer before.</param>
/// <param name="Settings">What was asked.</param>
/// <param name="Node">The node that now stands for it, perhaps still the layer's own.</param>
/// <param name="Output">The tensor that either makes.</param>
/// <param name="WeightError">The relative error of its weights; null where they are all zeros.</param>
sealed record TreatedLayer(Layer Layer, QuantizeSettings Settings, Node Node, string Output, double? WeightError)
{
    /// <summary>Says what was done to each layer of the original, the factors of one together, and measures what it did to their outputs.</summary>
    /// <param name="parts">The layers.</param>
    /// <param name="reference">The model before; null where there is no data to compare on.</param>
    /// <param name="model">The model after, with nothing in it that nothing reads.</param>
    /// <param name="plan">Gets the nodes that took the layers' places.</param>
    /// <param name="context">Names the data.</param>
    public static IEnumerable<LayerChange> Changes(IReadOnlyList<TreatedLayer> parts, Model? reference, Model model, ModelPlan plan, CompressionContext context)
    {
        const string Kind = "quantize";
        foreach (var part in parts.Where(part => part.Node != part.Layer.Node))
            plan.Inherit(part.Layer.Node, part.Node);
        var after = LayerCatalog.List(model.Graph, context.MeasureShapes(model)).ToDictionary(layer => layer.Node);
        // What a body computes is no output of a model; there the weight tells.
        var errors = reference is null
            ? new Dictionary<string, double>()
            : OutputErrors.Measure(reference, model, parts.Where(part => part.Layer.Within is null).ToDictionary(part => part.Output, part => (part.Output, part.Output)), context, Kind);
        foreach (var group in parts.GroupBy(part => plan.Of(part.Node)!.Layer.Name))
        {
            var (first, last) = (group.First(), group.Last());
            yield return new LayerChange(group.Key, plan.Of(first.Node)!.Layer.Op, Kind, first.Settings.ToString(),
                LayerStates.Of([.. group.Select(part => part.Layer)]),
                // A bias may have become a constant behind the product.
                LayerStates.Of([.. group.Select(part => after[part.Node] with { Bias = part.Layer.Bias })]),
                errors.TryGetValue(last.Output, out var error) ? error : reference is null || last.Layer.Within is not null ? last.WeightError : null);
        }
    }
}
