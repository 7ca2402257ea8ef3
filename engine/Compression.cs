using Compress.Clustering;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Execution;
using Compress.Factorization;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Pruning;
using Compress.Quantization;
using Compress.Quantization.Binary;
using Compress.Quantization.Blocks;
using Compress.Quantization.HalfPrecision;
using Compress.Reporting;
using Compress.Rewriting;
using Compress.Techniques;

namespace Compress;

/// <summary>
/// The façade: a policy and a model go in, a compressed model and a report come out.
/// </summary>
public static class Compression
{
    /// <summary>
    /// The lossy steps, in the order in which they are taken. Pruning comes first, whole filters before what is left within
    /// weights, since factors no longer have filters; factors come before quantization, which stores whatever weights there are at last.
    /// </summary>
    public static IReadOnlyList<ITechnique> Techniques { get; } =
    [
        new FilterPruning(),
        new WeightPruning(),
        new TuckerFactorization(),
        new CpFactorization(),
        new SvdFactorization(),
        new WeightSharing(),
        new IntegerQuantization(),
        new BlockQuantization(),
        new BinaryQuantization(),
        new DynamicQuantization(),
        new HalfQuantization(),
    ];

    /// <summary>Compresses a model as its policy says. User errors and failed gates are part of the result, not exceptions.</summary>
    public static CompressionResult Run(
        CompressionRequest request, IProgress<StepProgress>? progress = null, CancellationToken cancellation = default) =>
        Run(request, Rewriter.Passes, progress, cancellation);

    /// <param name="request">The run.</param>
    /// <param name="passes">What takes the place of <see cref="Rewriter.Passes"/>.</param>
    /// <param name="progress">Told each step.</param>
    /// <param name="cancellation">Stops the run.</param>
    internal static CompressionResult Run(
        CompressionRequest request, IReadOnlyList<IRewrite> passes, IProgress<StepProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var run = new CompressionRun(request, passes, progress, cancellation);
        try
        {
            run.Read();
            run.Rewrite();
            run.Verify();
            run.Plan();
            if (run.Upgrade())
                run.Verify();
            foreach (var technique in Techniques)
                run.Apply(technique);
            run.Write();
            run.Evaluate();
            return run.Finish();
        }
        catch (CompressException exception)
        {
            return run.Fail(exception.Diagnostics);
        }
        catch (OperationCanceledException)
        {
            return run.Cancel();
        }
    }

    /// <summary>Lists the layers of a model and what can be done to each. Nothing is changed.</summary>
    /// <param name="modelPath">The model's file.</param>
    /// <param name="shapes">Sizes of inputs by name, the batch first, where the model leaves them free.</param>
    /// <param name="cancellation">Stops the inspection.</param>
    /// <exception cref="CompressException">CMP2xxx: the model cannot be read; CMP3003: the shapes do not fit it.</exception>
    public static Inspection Inspect(string modelPath, IReadOnlyDictionary<string, int[]>? shapes = null, CancellationToken cancellation = default)
    {
        using var model = Model.Load(modelPath);
        var diagnostics = new DiagnosticBag();
        using var session = Session.Open(modelPath, SessionSettings.Once(threads: 0));
        cancellation.ThrowIfCancellationRequested();
        Rewriter.Run(model, diagnostics);
        var measured = TensorShapes.None;
        if (ProbeSample.Of(session.Inputs, out var obstacle, shapes) is { } sample)
            measured = ShapeTrace.Run(model, sample, threads: 0, cancellation);
        else if (shapes is { Count: > 0 })
            throw Codes.DataMisfit.Fail(modelPath, obstacle!);
        else
            diagnostics.Add(Codes.UnknownSizes.At(new SourcePosition(modelPath), $"sizes and MACs are not shown: {obstacle}; here, as --shape NAME=SIZES"));

        var layers = LayerCatalog.List(model.Graph, measured);
        var treatable = Techniques.Select(technique => (technique.Kind, Layers: technique.Treatable(model, layers, measured).ToHashSet())).ToList();
        var summary = new ModelSummary(modelPath, model.FileBytes, ModelSize.Parameters(model.Graph), ModelSize.Macs(layers));
        return new Inspection(summary, model.Opset, model.IrVersion, [.. session.Inputs.Select(input => input.ToString())], session.OutputNames,
            [.. layers.Select(layer => new LayerInfo(layer.Name, layer.Op, LayerStates.FormOf([.. layer.Weights]),
                layer.OutputShape is { } output ? string.Join("x", output) : null, layer.Parameters, layer.Macs,
                [.. treatable.Where(entry => entry.Layers.Contains(layer)).Select(entry => entry.Kind).Distinct()]))],
            [.. ChannelAnalysis.Find(model.Graph, measured).Groups.Select(Describe)], [.. diagnostics]);
    }

    /// <summary>Says what each rule of a policy matches and would do. Nothing is changed.</summary>
    /// <param name="request">Only the policy's and the model's paths count.</param>
    /// <param name="cancellation">Stops the check.</param>
    /// <returns>What was found; errors are among its diagnostics.</returns>
    public static PolicyCheck Check(CompressionRequest request, CancellationToken cancellation = default)
    {
        using var run = new CompressionRun(request, Rewriter.Passes, null, cancellation);
        try
        {
            run.Read();
            run.Rewrite();
            run.Plan();
            run.Upgrade();
            return run.Describe([]);
        }
        catch (CompressException exception)
        {
            return run.Describe(exception.Diagnostics);
        }
    }

    static GroupInfo Describe(ChannelGroup group)
    {
        var (made, read) = (Nodes(group.Producers), Nodes(group.Consumers));
        return new GroupInfo(group.Channels, group.Width, Names(made), Names(group.CoupledBy), Names(read),
            Names(Nodes(group.Riders).Concat(group.Sizes).Distinct().Except(made)), group.PinnedBy);

        static Node[] Nodes(IEnumerable<ChannelSlice> slices) => [.. slices.Select(slice => slice.Node).Distinct()];

        static string[] Names(IEnumerable<Node> nodes) => [.. nodes.Select(node => node.DisplayName)];
    }
}
