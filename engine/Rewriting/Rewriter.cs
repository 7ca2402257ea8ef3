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
    /// In order: local functions are inlined, so that all passes see what they do; constants come next, since every later pass looks for
    /// initializers; then the nodes that do nothing, which would
    /// stand between a convolution and its normalization, and pairs of quantizers that undo each other; then the folding; at last what nothing reads any more is swept out.
    /// </summary>
    public static IReadOnlyList<IRewrite> Passes { get; } =
    [
        new FunctionInlining(),
        new InputsToConstants(),
        new ConstantNodesToInitializers(),
        new NoOpRemoval(),
        new QuantizerPairRemoval(),
        new BatchNormalizationFolding(),
        new DeadNodeRemoval(),
    ];

    /// <summary>Runs every pass.</summary>
    /// <param name="model">The model.</param>
    /// <param name="diagnostics">Takes a warning CMP2011 for each local function that stays.</param>
    /// <exception cref="CompressException">CMP2007: local functions call each other without end.</exception>
    public static void Run(Model model, DiagnosticBag? diagnostics = null) => Run(model, Passes, diagnostics);

    internal static void Run(Model model, IReadOnlyList<IRewrite> passes, DiagnosticBag? diagnostics = null)
    {
        foreach (var pass in passes)
            pass.Apply(model);
        diagnostics?.AddRange(FunctionInlining.Kept(model));
    }
}
