using Compress.Layers;
using Compress.Models;

namespace Compress.Factorization;

/// <summary>
/// A Tucker decomposition as convolutions (Kim et al. 2016): 1x1 from C_in to R3; the core from R3 to R4, which keeps stride,
/// padding and dilation; 1x1 from R4 to C_out, which adds the bias. Zero padding may follow the first one as that has no bias. The
/// factors of a grouped convolution have as many groups.
/// </summary>
static class TuckerLanding
{
    /// <param name="graph">The graph, for names.</param>
    /// <param name="layer">The convolution.</param>
    /// <param name="groups">A decomposition for each group, all of the same ranks.</param>
    public static Replacement Of(Graph graph, Layer layer, params IReadOnlyList<TuckerDecomposition> groups)
    {
        var first = groups[0];
        var chain = new ConvChain(graph, layer);
        if (first.InputFactor is { } input)
            chain.Pointwise("tucker_in", [.. groups.SelectMany(group => group.InputFactor!.Transposed().ToFloats())], input.Columns * groups.Count, groups.Count);
        chain.Whole("tucker_core", [.. groups.SelectMany(group => group.CoreTensor.ToFloats())], first.CoreTensor.Outputs * groups.Count);
        if (first.OutputFactor is { } output)
            chain.Pointwise("tucker_out", [.. groups.SelectMany(group => group.OutputFactor!.ToFloats())], output.Rows * groups.Count, groups.Count);
        return chain.Finish();
    }
}
