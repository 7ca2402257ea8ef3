using Compress.Layers;
using Compress.Models;
using Compress.Policies;

namespace Compress.Factorization;

/// <summary>How the weights of one layer are a matrix, and how its factors take the layer's place.</summary>
/// <param name="graph">The graph.</param>
/// <param name="layer">The layer.</param>
/// <param name="samples">Its samples; null where it is not to look at data, or cannot.</param>
abstract class SvdForm(Graph graph, Layer layer, SampledLayer? samples)
{
    protected Graph Graph { get; } = graph;

    protected Layer Layer { get; } = layer;

    protected SampledLayer? Samples { get; } = samples;

    public abstract SvdCost Cost { get; }

    /// <summary>The longer side of the matrix.</summary>
    public abstract int Longer { get; }

    /// <summary>Of the weights, the greatest first.</summary>
    public abstract double[] SquaredSingularValues { get; }

    /// <summary>What each direction that may be left out holds of the outputs' energy, on samples; asked for only where there are some.</summary>
    public abstract double[] Energies { get; }

    /// <summary>The factors of a rank.</summary>
    public abstract Factored At(int rank);

    /// <summary>The form of a layer.</summary>
    public static SvdForm Of(Graph graph, Layer layer, SvdAxis axis, SampledLayer? samples) => layer.Node.Is("Conv")
        ? axis == SvdAxis.Spatial ? new SpatialSvd(graph, layer, samples) : new ChannelSvd(graph, layer, samples)
        : new DenseSvd(graph, layer, samples);

    protected Factored Result(int rank, Replacement replacement, double weightError, double? outputError = null, double? plainOutputError = null) =>
        new($"rank {rank}", replacement, Layer.Macs is null ? null : Cost.MacsAfter(rank), weightError, outputError, plainOutputError);
}
