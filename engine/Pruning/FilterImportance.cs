using Compress.Models;
using Compress.Policies;

namespace Compress.Pruning;

/// <summary>Ranks the channels of a group by the magnitude of their filters (Li et al., Pruning Filters for Efficient ConvNets, ICLR 2017).</summary>
public static class FilterImportance
{
    /// <summary>
    /// The importance of each channel: the norm of its filter, divided by the layer's mean norm so that coupled layers count alike,
    /// averaged over the layers of the group.
    /// </summary>
    /// <returns>As many values as the group has channels; all finite where the weights are.</returns>
    public static double[] Of(ChannelGroup group, Graph graph, PruneCriterion criterion)
    {
        var importance = new double[group.Channels];
        foreach (var slice in group.Producers)
        {
            var norms = Norms(graph.Initializer(slice.Node.Input(slice.Input))!, slice.Axis, criterion);
            var mean = norms.Average();
            for (var channel = 0; channel < norms.Length; channel++)
                importance[channel] += norms[channel] / (mean > 0 ? mean : 1) / group.Producers.Count;
        }

        return importance;
    }

    /// <summary>The channels to keep, ascending. Ties keep the lower index, so that the choice never depends on the sort.</summary>
    public static int[] Strongest(double[] importance, int count) =>
        [.. Enumerable.Range(0, importance.Length).OrderByDescending(channel => importance[channel]).ThenBy(channel => channel).Take(count).Order()];

    static double[] Norms(Tensor weight, int axis, PruneCriterion criterion)
    {
        var shape = weight.Shape;
        var inner = 1;
        for (var i = axis + 1; i < shape.Length; i++)
            inner *= shape[i];
        var norms = new double[shape[axis]];
        var values = weight.Floats();
        for (var i = 0; i < values.Length; i++)
            norms[i / inner % norms.Length] += criterion == PruneCriterion.L1 ? Math.Abs((double)values[i]) : (double)values[i] * values[i];
        return criterion == PruneCriterion.L1 ? norms : Array.ConvertAll(norms, Math.Sqrt);
    }
}
