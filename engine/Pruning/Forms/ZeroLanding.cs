using Compress.Models;

namespace Compress.Pruning.Forms;

/// <summary>Leaves a layer with zeros among its weights as it is, and stores them without the zeros where that is smaller.</summary>
static class ZeroLanding
{
    public static WeightLanding Land(Model model, PrunedLayer layer)
    {
        var graph = model.Graph;
        var (node, name) = (layer.Layer.Node, layer.Layer.Node.Input(layer.Layer.WeightInput));
        var weight = graph.Initializer(name)!;
        var zeros = 0L;
        foreach (var value in weight.Floats())
            zeros += value == 0 ? 1 : 0;
        // Shared values have a zero among them, and are smaller still.
        var isSparse = layer.Asked.Cluster is null && graph.StoreSparsely(name);
        if (isSparse)
            model.RaiseIrVersion(Graph.FirstIrVersionWithSparse);
        return new WeightLanding([node],
            FormattableString.Invariant($"{100.0 * zeros / weight.Count:0.##}% zeros, {(isSparse ? "stored without them" : "stored dense")}; size only: speed does not change"));
    }
}
