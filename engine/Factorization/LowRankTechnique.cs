using System.Numerics.Tensors;
using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;
using Tensor = Compress.Models.Tensor;

namespace Compress.Factorization;

/// <summary>
/// Replaces layers by factors of low rank, one layer at a time. A layer is replaced only where that saves both
/// multiply-accumulates and weights; a layer that stays is recorded as skipped, with the reason.
/// </summary>
public abstract class LowRankTechnique : ITechnique
{
    private protected LowRankTechnique()
    {
    }

    public abstract string Kind { get; }

    public bool IsAsked(ModelPlan plan) => plan.Layers.Any(layer => Asked(layer) is not null);

    public virtual int NeededOpset(ModelPlan plan) => 1;

    public IEnumerable<Layer> Treatable(Model model, IReadOnlyList<Layer> layers, TensorShapes shapes) =>
        layers.Where(layer => layer.Within is null && RefuseForm(layer) is null && model.Graph.Initializer(layer.Node.Input(layer.WeightInput)) is { Type: Onnx.TensorProto.Types.DataType.Float });

    /// <inheritdoc/>
    /// <exception cref="CompressException">
    /// CMP4001 or CMP4004: a layer matched by name cannot be treated. CMP4003: a rank is out of a layer's range.
    /// </exception>
    public IReadOnlyList<LayerChange> Apply(Model model, ModelPlan plan, CompressionContext context)
    {
        if (NeededOpset(plan) is var needed && model.Opset < needed)
            throw new ArgumentException($"the model's opset is {model.Opset}; {Kind} needs {needed}", nameof(model));
        var before = context.Calibration is null ? null : model.Clone();
        var errors = new DiagnosticBag();
        var changes = new List<LayerChange>();
        var outputs = new Dictionary<string, (string Before, string After)>();
        var seen = new HashSet<LayerPlan>(ReferenceEqualityComparer.Instance);
        var layers = LayerCatalog.List(model.Graph, context.MeasureShapes(model));
        foreach (var (done, layer) in layers.Index())
        {
            context.Report(Kind, (double)done / layers.Count);

            // Factors that another technique made share the plan of their layer, which is treated once.
            if (plan.Of(layer.Node) is not { } asked || Asked(asked) is not { } planned || !seen.Add(asked))
                continue;
            var attempt = PlanLayer(model, layer, planned.Settings, context.Cancellation);
            var settings = RankPlanner.Describe(planned.Settings);
            if (attempt.Refusal is { } refusal)
            {
                if (planned.ByName || refusal.IsAlwaysError)
                    errors.Add(refusal.Kind.At(planned.Position, $"{Kind} cannot treat {layer}: {refusal.Reason}"));
                changes.Add(new LayerChange(asked.Layer.Name, layer.Op, Kind, settings, Skipped: refusal.Reason));
                continue;
            }

            // A run that is lost goes on only to find what else is wrong.
            if (errors.HasErrors)
                continue;
            var factored = attempt.Result!();
            outputs.Add(asked.Layer.Name, (layer.Node.Output(), layer.Node.Output()));
            changes.Add(new LayerChange(asked.Layer.Name, layer.Op, Kind, settings == factored.Ranks ? settings : $"{settings} -> {factored.Ranks}",
                LayerStates.Of(layer), LayerStates.Of(factored.Replacement.Weights, layer.Bias, factored.Macs), factored.WeightError));
            Land(model.Graph, plan, layer.Node, factored.Replacement);
        }

        errors.ThrowIfErrors();
        model.Graph.RemoveDead();
        context.Report(Kind, 1);
        if (before is null)
            return changes;
        var measured = OutputErrors.Measure(before, model, outputs, context, Kind);
        return [.. changes.Select(change => change.Skipped is null ? change with { Error = measured.TryGetValue(change.Layer, out var error) ? error : null } : change)];
    }

    private protected abstract Planned<FactorizeSettings>? Asked(LayerPlan plan);

    /// <summary>Why a layer has no factors of this kind, whatever the settings; null where it may have.</summary>
    private protected abstract Refusal? RefuseForm(Layer layer);

    /// <summary>Chooses the ranks; what is returned does the work.</summary>
    private protected abstract Attempt<Func<Factored>> PlanWeight(Graph graph, Layer layer, FactorizeSettings settings, CancellationToken cancellation);

    Attempt<Func<Factored>> PlanLayer(Model model, Layer layer, FactorizeSettings settings, CancellationToken cancellation)
    {
        if (layer.Within is { } owner)
            return Refusal.CannotApply($"it stands in a body of {owner}, where no layer is factorized");
        if (RefuseForm(layer) is { } refusal)
            return refusal;
        if (model.Graph.Initializer(layer.Node.Input(layer.WeightInput)) is not { Type: Onnx.TensorProto.Types.DataType.Float } weight)
            return Refusal.CannotApply($"its weight is {LayerStates.NameOf(layer.Weight.Type)}; only float32 is factorized");
        if (weight.Count == 0)
            return Refusal.CannotApply("its weight is empty");

        // No entry of a factor is greater than 1 and the norm of the weight, so that a finite norm keeps the factors finite too.
        if (!float.IsFinite(TensorPrimitives.Norm(weight.Floats())))
            return Refusal.NotFinite($"weight '{weight.Name}' holds values that are not finite or too large for float32 factors");
        return PlanWeight(model.Graph, layer, settings, cancellation);
    }

    static void Land(Graph graph, ModelPlan plan, Node layer, Replacement replacement)
    {
        foreach (var weight in replacement.Weights)
            graph.Add(weight);
        graph.Replace(layer, replacement.Nodes);
        plan.Inherit(layer, replacement.Nodes);
    }
}
