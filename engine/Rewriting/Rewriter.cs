using Compress.Diagnostics;
using Compress.Models;

namespace Compress.Rewriting;

/// <summary>A pass that changes how a model is written and not what it computes.</summary>
public interface IRewrite
{
    /// <summary>The pass's name for reports.</summary>
    string Name { get; }

    /// <returns>The number of places that were changed.</returns>
    int Apply(Model model);
}

/// <summary>The passes that every model goes through before anything lossy is done to it.</summary>
public static class Rewriter
{
    /// <summary>
    /// In order: constants first, since every later pass looks for initializers; then the nodes that do nothing, which would
    /// stand between a convolution and its normalization; then the folding.
    /// </summary>
    public static IReadOnlyList<IRewrite> Passes { get; } =
    [
        new InputsToConstants(),
        new ConstantNodesToInitializers(),
        new NoOpRemoval(),
        new BatchNormalizationFolding(),
    ];

    /// <summary>Runs every pass and sweeps out what nothing reads any more.</summary>
    /// <param name="model">The model; its local functions are inlined before all else, so that the passes see what they do.</param>
    /// <param name="diagnostics">Takes a warning CMP2010 for each local function that stays.</param>
    /// <exception cref="CompressException">CMP2007: local functions call each other without end.</exception>
    public static void Run(Model model, DiagnosticBag? diagnostics = null)
    {
        FunctionInlining.Run(model, diagnostics ?? []);
        foreach (var pass in Passes)
            pass.Apply(model);
        model.Graph.RemoveDead();
    }
}
