using Compress.Models;
using Compress.Regression;
using Compress.Techniques;

namespace Compress.Pruning.Forms;

/// <summary>
/// Re-fits a convolution of which some kernel positions are left. In a copy of the model it becomes a 1x1 convolution over shifted inputs,
/// whose columns are just these positions, so that the re-fit of whole layers applies.
/// </summary>
static class PositionRefit
{
    /// <returns>The error before and after; null where the convolution is grouped, not two-dimensional, or there are too few samples.</returns>
    public static (double Before, double After)? Run(Model model, PrunedLayer layer, int[] positions, CompressionContext context)
    {
        var node = layer.Layer.Node;
        if (layer.Layer.Groups != 1 || layer.Layer.Kernel.Length != 2 || ConvGeometry.Of(layer.Layer, model.Graph) is not { } geometry
            || (node.Input(2).Length > 0 && model.Graph.Initializer(node.Input(2)) is null))
        {
            return null;
        }

        var copy = model.Clone();
        var conv = copy.Graph.Producer(node.Output())!;
        var weight = copy.Graph.Initializer(conv.Input(1))!;
        var pointwise = new GatherLanding(positions, geometry).Land(copy.Graph, conv, weight)[0];
        copy.Graph.RemoveDead();
        using var reconstruction = new Reconstruction(copy, context, [pointwise], _ => null);
        if (reconstruction.Fit(pointwise) is not { } errors)
            return null;
        model.Graph.SetConstant(node, 1, KernelColumns.FromPointwise(copy.Graph.Initializer(pointwise.Input(1))!, positions, weight));
        if (copy.Graph.Initializer(pointwise.Input(2)) is { } bias)
            model.Graph.SetConstant(node, 2, node.Input(2).Length > 0 ? bias : bias.Renamed(weight.Name + ".bias"));
        return errors;
    }
}
