using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;

namespace Compress.Techniques;

/// <summary>
/// A lossy step of the pipeline. It edits the model and says what it did to each layer. It reads no YAML, prints nothing
/// and opens no file.
/// </summary>
public interface ITechnique
{
    /// <summary>The step's name in reports and its key in policies: <c>prune</c>, <c>tucker</c>, <c>svd</c>, <c>quantize</c>.</summary>
    string Kind { get; }

    /// <summary>Whether the plan asks this technique for anything.</summary>
    bool IsAsked(ModelPlan plan);

    /// <summary>The lowest opset in which the technique can write what the plan asks of it; the model is upgraded to it beforehand.</summary>
    /// <param name="plan">A plan that asks for the technique.</param>
    int NeededOpset(ModelPlan plan) => 1;

    /// <summary>
    /// The lowest opset in which the technique can write what the plan asks of it with operators of ONNX Runtime's own domain, for models
    /// that cannot be upgraded to <see cref="NeededOpset"/>.
    /// </summary>
    /// <param name="plan">A plan that asks for the technique.</param>
    int BearableOpset(ModelPlan plan) => NeededOpset(plan);

    /// <summary>What is known to keep the technique from running, before anything is run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="plan">A plan that asks for the technique.</param>
    /// <param name="hasCalibration">Whether there is calibration data.</param>
    IEnumerable<Diagnostic> Foresee(Model model, ModelPlan plan, bool hasCalibration) => [];

    /// <summary>The layers that the technique could treat.</summary>
    IEnumerable<Layer> Treatable(Model model, IReadOnlyList<Layer> layers, TensorShapes shapes);

    /// <summary>Applies the technique wherever the plan asks for it.</summary>
    /// <returns>One entry for each layer that was touched or skipped.</returns>
    /// <exception cref="CompressException">CMP4xxx or CMP3007: a layer matched by name cannot be treated, or data is missing.</exception>
    /// <exception cref="ArgumentException">The model's opset is lower than <see cref="BearableOpset"/>.</exception>
    IReadOnlyList<LayerChange> Apply(Model model, ModelPlan plan, CompressionContext context);
}
