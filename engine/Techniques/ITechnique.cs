using Compress.Models;
using Compress.Policies;

namespace Compress.Techniques;

/// <summary>
/// A lossy step of the pipeline. It edits the model and says what it did to each layer. It reads no YAML, prints nothing
/// and opens no file.
/// </summary>
public interface ITechnique
{
    /// <summary>The step's name in reports: <c>prune</c>, <c>tucker</c>, <c>svd</c>, <c>quantize</c>.</summary>
    string Kind { get; }

    /// <summary>Whether the plan asks this technique for anything.</summary>
    bool IsAsked(ModelPlan plan);

    /// <summary>Applies the technique wherever the plan asks for it.</summary>
    /// <returns>One entry for each layer that was touched or skipped.</returns>
    /// <exception cref="Diagnostics.CompressException">CMP4xxx or CMP3007: a layer matched by name cannot be treated, or data is missing.</exception>
    IReadOnlyList<LayerChange> Apply(Model model, ModelPlan plan, CompressionContext context);
}
