using Compress.Models;
using Compress.Policies;

namespace Compress.Pruning;

/// <summary>Ranks the channels of a group by the magnitude of their filters (Li et al., Pruning Filters for Efficient ConvNets, ICLR 2017).</summary>
public static class FilterImportance
{
    /// <summary>
    /// The importance of each channel: the norm of its filters in a layer, divided by the mean over the channels so that coupled layers count
    /// alike, averaged over the layers of the group.
    /// </summary>
    /// <returns>As many values as the group has channels; all finite where the weights are.</returns>
    public static double[] Of(ChannelGroup group, Graph graph, PruneCriterion criterion)
    {
        var importance = new double[group.Channels];
        foreach (var slice in group.Producers)
        {
            var norms = Norms(slice, graph.Initializer(slice.Node.Input(slice.Input))!, criterion);
            var mean = norms.Average();
            for (var channel = 0; channel < norms.Length; channel++)
                importance[channel] += norms[channel] / (mean > 0 ? mean : 1) / group.Producers.Count;
        }

        return importance;
    }

    static double[] Norms(ChannelSlice slice, Tensor weight, PruneCriterion criterion)
    {
        var shape = weight.Shape;
        var inner = 1;
        for (var i = slice.Axis + 1; i < shape.Length; i++)
            inner *= shape[i];
        var sums = new double[shape[slice.Axis]];
        var values = weight.Floats();
        for (var i = 0; i < values.Length; i++)
            sums[i / inner % sums.Length] += criterion == PruneCriterion.L1 ? Math.Abs((double)values[i]) : (double)values[i] * values[i];
        return Array.ConvertAll(slice.Indices, indices =>
        {
            var sum = indices.Sum(index => sums[index]);
            return criterion == PruneCriterion.L1 ? sum : Math.Sqrt(sum);
        });
    }
}
