using Compress.Execution;
using Compress.Models;
using Compress.Numerics;
using Compress.Techniques;

namespace Compress.Regression;

/// <summary>
/// Re-fits the weights of layers whose inputs were pruned, so that on calibration data they give what the original layers gave
/// (He et al., Channel Pruning, ICCV 2017, without the selection step). The inputs are those of the already compressed model, so that
/// errors do not add up; where a layer's output is added to a branch that is already compressed, it is fitted to make up for that
/// branch's error too. The fit is a ridge regression around the weights that pruning left; its penalty, and whether to fit at all, is
/// decided on samples that a first fit does not see; the final one sees all.
/// </summary>
sealed class Reconstruction : IDisposable
{
    /// <summary>With fewer, none is left to validate a fit on.</summary>
    public const int LeastSamples = LayerFit.LeastSamples;

    /// <summary>The most samples that are run.</summary>
    const int MostSamples = 1 << 11;

    /// <summary>The most numbers of the original model's outputs that are kept: 64 MB, unless one layer takes more.</summary>
    const long MostTargets = 1L << 24;

    readonly Model model;
    readonly CompressionContext context;
    readonly TensorShapes shapes;
    readonly RidgeFit ridge = new();
    readonly List<LayerFit> fits = [];
    readonly IReadOnlyList<(int Start, int Count)> batches;
    readonly int[] firstSamples;
    readonly int samples;
    readonly StagedRun compressed;

    /// <summary>Samples with the original model's outputs, for the next layers.</summary>
    readonly Dictionary<LayerFit, LayerSamples> targets = [];

    /// <param name="model">The pruned model.</param>
    /// <param name="context">With calibration data.</param>
    /// <param name="nodes">The layers to fit, in the order of the graph. Those that cannot be fitted are passed over.</param>
    /// <param name="keptChannels">The channels left of a tensor of the original model; null for all.</param>
    public Reconstruction(Model model, CompressionContext context, IReadOnlyList<Node> nodes, Func<string, int[]?> keptChannels)
    {
        (this.model, this.context) = (model, context);
        shapes = context.Sample is null
            ? ShapeTrace.Run(model, context.Calibration!.Read(0, 1), context.Threads, context.Cancellation) : context.MeasureShapes(model);
        if (context.Calibration!.Count >= LeastSamples)
            fits.AddRange(nodes.Select(node => Plan(node, keptChannels)).OfType<LayerFit>());
        var size = fits.Count == 0 ? 1 : fits.Min(fit => BatchFor([.. fit.Read, fit.Node.Output()]));
        batches = SampleBatches.Spread(context.Calibration.Count, MostSamples, size);
        firstSamples = [.. batches.Select((_, i) => batches.Take(i).Sum(batch => batch.Count))];
        samples = batches.Sum(batch => batch.Count);
        compressed = new StagedRun(model, [.. fits.Select(fit => fit.Read)], context.Calibration, batches, context.Threads);
    }

    /// <summary>Re-fits one layer in place. Layers are to be fitted in the order of the graph.</summary>
    /// <returns>
    /// The relative error of its output on samples not used for the fit, before and after; the same twice where no fit was better.
    /// Null where the layer is of a kind that is not fitted.
    /// </returns>
    public (double Before, double After)? Fit(Node node)
    {
        var index = fits.FindIndex(fit => fit.Node == node);
        if (index < 0)
            return null;
        // A layer's matrices are large and soon garbage; where memory is plentiful, those of many layers would pile up.
        GC.Collect();
        var weights = DenseWeights.Read(model.Graph, node);
        var (correction, before, after) = ridge.Find(Collect(index), weights.ToFloatMatrix());
        if (correction is { } added)
        {
            weights.Add(added);
            DenseWeights.Write(model.Graph, node, weights);
        }

        return (before, after);
    }

    /// <summary>Input rows of a layer with the outputs wanted for them; null where the layer is of a kind that is not fitted.</summary>
    public LayerSamples? Collect(Node node) => fits.FindIndex(fit => fit.Node == node) is >= 0 and var index ? Collect(index) : null;

    public void Dispose() => compressed.Dispose();

    LayerSamples Collect(int index)
    {
        var fit = fits[index];
        if (!targets.ContainsKey(fit))
            CollectTargets(index);
        targets.Remove(fit, out var into);
        compressed.Compute(index, (batch, tensors) =>
        {
            var count = batches[batch].Count;
            Parallel.For(0, count, i => fit.AddInputs(into!, firstSamples[batch] + i, samples, context.Seed,
                Slice(tensors.Floats(fit.Node.Input(0)), i, count), fit.Branch is null ? [] : Slice(tensors.Floats(fit.Branch), i, count)));
        }, context.Cancellation);
        return into!;
    }

    /// <summary>Runs the original model once for this layer and for as many of the next as memory allows.</summary>
    void CollectTargets(int index)
    {
        var numbers = 0L;
        var next = fits.Skip(index).TakeWhile((fit, i) => (numbers += fit.Numbers(samples)) <= MostTargets || i == 0).ToList();
        foreach (var fit in next)
            targets.Add(fit, fit.Allocate(samples));
        using var original = TensorTap.Open(context.Original, next.Select(fit => fit.Wanted), context.Threads, optimize: true);
        for (var batch = 0; batch < batches.Count; batch++)
        {
            var (start, count) = batches[batch];
            using var result = original.Run(context.Calibration!.Read(start, count), context.Cancellation);
            var first = firstSamples[batch];
            foreach (var fit in next)
            {
                Parallel.For(0, count, i =>
                    fit.AddTargets(targets[fit], first + i, samples, context.Seed, Slice(result.Floats(fit.Wanted), i, count)));
            }
        }
    }

    /// <summary>What fitting a layer takes; null where it cannot be fitted.</summary>
    LayerFit? Plan(Node node, Func<string, int[]?> keptChannels)
    {
        if (!DenseWeights.CanRead(model.Graph, node) || shapes.Of(node.Input(0)) is not { } input || shapes.Of(node.Output()) is not { } output)
            return null;
        var weight = model.Graph.Initializer(node.Input(1))!;
        if (InputPatches.Of(node, weight.Shape, input, output, samples: 1) is not { Positions: > 0 } patches)
            return null;
        var branch = CompensatedBranch(node);
        var wanted = branch is null ? node.Output() : model.Graph.OnlyConsumer(node.Output())!.Output();
        return new LayerFit(node, branch, wanted, keptChannels(node.Output()), patches, DenseWeights.SizesOf(node, weight).Outputs);
    }

    /// <summary>The other operand of the addition that alone takes the layer's output, if it does not depend on the layer.</summary>
    string? CompensatedBranch(Node node)
    {
        if (model.Graph.OnlyConsumer(node.Output()) is not { } add || !add.Is("Add") || context.Original.Graph.Producer(add.Output()) is null)
            return null;
        var other = add.Input(0) == node.Output() ? add.Input(1) : add.Input(0);
        if (!SameShape(other, node.Output()) || !SameShape(add.Output(), node.Output()))
            return null;
        var order = model.Graph.Nodes;
        return model.Graph.Producer(other) is { } producer && order.Index().First(entry => entry.Item == producer).Index
            < order.Index().First(entry => entry.Item == node).Index ? other : null;
    }

    /// <summary>An addition that broadcasts has no error of the branch to make up for, position by position.</summary>
    bool SameShape(string one, string other) =>
        shapes.Of(one) is { } shape && shapes.Of(other) is { } otherShape && shape.AsSpan().SequenceEqual(otherShape);

    int BatchFor(IReadOnlyList<string> tensors)
    {
        if (context.BatchSize == 1)
            return 1;
        using var session = TensorTap.Open(model, tensors, context.Threads, prepack: false);
        return context.BatchFor(session, model, tensors);
    }

    static ReadOnlySpan<float> Slice(ReadOnlySpan<float> values, int sample, int count)
    {
        var size = values.Length / count;
        return values.Slice(sample * size, size);
    }
}
