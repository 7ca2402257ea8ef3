using Compress.Layers;
using Compress.Models;
using Compress.Numerics;
using Compress.Policies;

namespace Compress.Pruning;

/// <summary>
/// Ranks channels by weights: by the magnitude of their filters (Li et al., Pruning Filters for Efficient ConvNets, ICLR 2017), or by how
/// far they are from the other filters of the layer (He et al., Filter Pruning via Geometric Median, CVPR 2019).
/// </summary>
public static class FilterImportance
{
    /// <summary>The importance of each channel of a group by its filters in the layers that make it.</summary>
    /// <returns>As many values as the group has channels; all finite where the weights are.</returns>
    public static double[] Of(ChannelGroup group, Graph graph, PruneCriterion criterion) =>
        Mean(group.Producers.Select(slice => Scores(slice, graph.Initializer(slice.Node.Input(slice.Input))!, criterion)));

    /// <summary>
    /// The scores of each layer, divided by their mean over the channels so that coupled layers count alike, averaged over the layers. The
    /// mean over the channels is 1, unless all scores are zero.
    /// </summary>
    public static double[] Mean(IEnumerable<double[]> scores)
    {
        var layers = scores.ToList();
        var importance = new double[layers[0].Length];
        foreach (var layer in layers)
        {
            var mean = layer.Average();
            for (var channel = 0; channel < layer.Length; channel++)
                importance[channel] += layer[channel] / (mean > 0 ? mean : 1) / layers.Count;
        }

        return importance;
    }

    /// <summary>What the weights of one layer say about each channel.</summary>
    public static double[] Scores(ChannelSlice slice, Tensor weight, PruneCriterion criterion) =>
        criterion == PruneCriterion.Fpgm ? Distances(Filters(slice, weight)) : Norms(slice, weight, criterion);

    static double[] Norms(ChannelSlice slice, Tensor weight, PruneCriterion criterion)
    {
        var shape = weight.Shape;
        var inner = Cost.Count(shape.AsSpan(slice.Axis + 1));
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

    /// <summary>Σ_j ‖W_i − W_j‖ for each row i, from ‖W_i − W_j‖² = ‖W_i‖² + ‖W_j‖² − 2⟨W_i, W_j⟩.</summary>
    static double[] Distances(Matrix filters)
    {
        var gram = MatrixProduct.Gram(filters);
        var sums = new double[filters.Rows];
        for (var i = 0; i < sums.Length; i++)
        {
            for (var j = 0; j < sums.Length; j++)
                sums[i] += i == j ? 0 : Math.Sqrt(Math.Max(0, gram[i, i] + gram[j, j] - (2 * gram[i, j])));
        }

        return sums;
    }

    /// <summary>The weights of each channel as a row; where a channel has several filters, one behind the other.</summary>
    static Matrix Filters(ChannelSlice slice, Tensor weight)
    {
        var shape = weight.Shape;
        var inner = Cost.Count(shape.AsSpan(slice.Axis + 1));
        var values = weight.Floats();
        var size = values.Length / shape[slice.Axis];
        var filters = new Matrix(slice.Indices.Length, slice.Indices.Max(indices => indices.Length) * size);
        foreach (var (channel, indices) in slice.Indices.Index())
        {
            var row = filters.Row(channel);
            foreach (var (k, index) in indices.Index())
            {
                for (var i = 0; i < size; i++)
                    row[(k * size) + i] = values[((((i / inner) * shape[slice.Axis]) + index) * inner) + (i % inner)];
            }
        }

        return filters;
    }
}
