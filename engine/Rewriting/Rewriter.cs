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
    /// stand between a convolution and its normalization; then the folding; at last what nothing reads any more is swept out.
    /// </summary>
    public static IReadOnlyList<IRewrite> Passes { get; } =
    [
        new InputsToConstants(),
        new ConstantNodesToInitializers(),
        new NoOpRemoval(),
        new BatchNormalizationFolding(),
        new DeadNodeRemoval(),
    ];

    /// <summary>Runs every pass.</summary>
    public static void Run(Model model) => Run(model, Passes);

    internal static void Run(Model model, IReadOnlyList<IRewrite> passes)
    {
        foreach (var pass in passes)
            pass.Apply(model);
    }
}
