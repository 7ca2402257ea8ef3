using Compress.Models;
using Compress.Numerics;
using Compress.Policies;
using Compress.Regression;
using Compress.Techniques;

namespace Compress.Pruning;

/// <summary>Gives the channels of groups their importance, by the criterion that the rules name.</summary>
sealed class ChannelRanking(Model model, DependencyGraph dependencies, CompressionContext context)
{
    readonly Random random = new(context.Seed);
    readonly ZeroShares zeros = new(model, dependencies, context);

    /// <summary>The importance of each channel, or why there is none.</summary>
    public (double[]? Importance, string? WhyNot) Of(ChannelGroup group, PruneRequest request) => request.Settings.By switch
    {
        PruneCriterion.Random => ([.. group.Classes.Select(_ => random.NextDouble())], null),
        PruneCriterion.Lasso => ByLasso(group, request),
        PruneCriterion.BatchNormGamma => Averaged(request, slice => NormalizationScales.Of(slice, model.Graph, (context.Source?.Value ?? context.Original).Graph),
            node => $"no BatchNormalization follows {node}, so that its filters have no gamma to be ranked by"),
        PruneCriterion.Apoz => Averaged(request, slice => zeros.Of(group, slice.Node),
            node => $"no activation that gives zeros follows {node}, so that apoz cannot rank its filters"),
        var criterion => Averaged(request, slice => FilterImportance.Scores(slice, model.Graph.Initializer(slice.Node.Input(slice.Input))!, criterion), node => $"{node}"),
    };

    static (double[]?, string?) Averaged(PruneRequest request, Func<ChannelSlice, double[]?> score, Func<Node, string> whyNot)
    {
        var scores = new List<double[]>();
        foreach (var slice in request.Ranked)
        {
            if (score(slice) is not { } found)
                return (null, whyNot(slice.Node));
            scores.Add(found);
        }

        return (FilterImportance.Mean(scores), null);
    }

    /// <summary>One choice for all layers that read the channels; each layer's error counts relative to its output.</summary>
    (double[]?, string?) ByLasso(ChannelGroup group, PruneRequest request)
    {
        var layers = new List<ChannelContributions>();
        foreach (var slice in request.Ranked)
        {
            if (slice.Input != 1 || !DenseWeights.CanRead(model.Graph, slice.Node) || InputMoments.Of(model, slice.Node, context) is not { } moments)
                return (null, $"the inputs of {slice.Node} cannot be sampled: it is grouped, its kernel has three axes, or it reads more than {InputMoments.MostInputs} numbers");
            var weights = DenseWeights.Read(model.Graph, slice.Node).Transposed();
            layers.Add(ChannelContributions.Of(moments, weights, Rows(slice, moments.Rows)));
            if (!layers[^1].WithOutput.All(double.IsFinite))
                return (null, $"the inputs of {slice.Node} are not finite on calibration data");
        }

        var (gram, right) = ChannelContributions.Sum(layers).Normalized();
        return (LassoSelection.Importance(gram, right, request.Keep), null);
    }

    /// <summary>The inputs of the layer's product that belong to each channel: one, or those of all kernel positions.</summary>
    int[][] Rows(ChannelSlice slice, int inputs)
    {
        var perIndex = inputs / model.Graph.Initializer(slice.Node.Input(slice.Input))!.Shape[slice.Axis];
        return Array.ConvertAll(slice.Indices, indices => indices.SelectMany(index => Enumerable.Range(index * perIndex, perIndex)).ToArray());
    }
}
