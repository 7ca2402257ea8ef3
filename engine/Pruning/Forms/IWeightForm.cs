using Compress.Layers;
using Compress.Models;
using Compress.Techniques;

namespace Compress.Pruning.Forms;

/// <summary>One way of pruning within weights: it chooses what goes, and gives the graph that computes without it.</summary>
interface IWeightForm
{
    /// <summary>Why the form is not for a layer, whose weight is float32; null where it is.</summary>
    Refusal? Refuse(Layer layer);

    /// <summary>Chooses the weights that stay.</summary>
    /// <param name="layers">The layers that one rule prunes, in the graph's order.</param>
    /// <param name="seed">Decides the choice at random.</param>
    /// <returns>For each layer, whether each weight stays, in the order of the weights.</returns>
    IReadOnlyList<bool[]> Choose(IReadOnlyList<PrunedLayer> layers, int seed);

    /// <summary>Fits the weights that stay to calibration data, in place; the others are zero and stay so.</summary>
    /// <param name="model">The model, with the layer's weights masked and the layers before it done.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="kept">What stays.</param>
    /// <param name="context">Names the data; its original is the model before pruning.</param>
    /// <returns>The error of the layer's output before and after; null where the layer is not fitted.</returns>
    (double Before, double After)? Refit(Model model, PrunedLayer layer, bool[] kept, CompressionContext context) => null;

    /// <summary>Puts the cheapest graph in the layer's place that computes what the masked weights do.</summary>
    WeightLanding Land(Model model, PrunedLayer layer, bool[] kept, CompressionContext context);
}

/// <summary>What stands in a layer's place.</summary>
/// <param name="Nodes">The nodes that multiply by weights.</param>
/// <param name="Text">What was done, for the report.</param>
sealed record WeightLanding(IReadOnlyList<Node> Nodes, string Text);
