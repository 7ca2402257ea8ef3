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
        RankBudget.Spend(model, plan, context);
        var errors = new DiagnosticBag();
        var changes = new List<LayerChange>();
        var outputs = new Dictionary<string, (string Before, string After)>();
        var before = context.Calibration is null ? null : model.Clone();
        var asked = Asked(model, plan, context);
        using var data = before is null ? null : LayerData.Of(
            model, context with { Original = before }, [.. asked.Where(entry => RefuseForm(entry.Layer) is null)]);
        foreach (var (done, (layer, own, planned)) in asked.Index())
        {
            context.Report(Kind, (double)done / asked.Count);
            // A run that is lost goes on only to find what else is wrong, which no data is needed for.
            var samples = errors.HasErrors ? null : data?.Collect(layer.Node, planned.Settings);
            var attempt = PlanLayer(model, layer, planned.Settings, samples, context.Cancellation);
            var settings = planned.Settings.ToString();
            if (attempt.Refusal is { } refusal)
            {
                if (planned.ByName || refusal.IsAlwaysError)
                    errors.Add(refusal.Kind.At(planned.Position, $"{Kind} cannot treat {layer}: {refusal.Reason}"));
                changes.Add(new LayerChange(own.Layer.Name, layer.Op, Kind, settings, Skipped: refusal.Reason));
                continue;
            }

            if (errors.HasErrors)
                continue;
            var factored = attempt.Result!();
            if (factored.OutputError is null)
                outputs.Add(own.Layer.Name, (layer.Node.Output(), layer.Node.Output()));
            changes.Add(new LayerChange(own.Layer.Name, layer.Op, Kind, settings == factored.Ranks ? settings : $"{settings} -> {factored.Ranks}",
                LayerStates.Of(layer), LayerStates.Of(factored.Replacement.Weights, BiasOf(model.Graph, layer), factored.Macs),
                factored.OutputError ?? (before is null ? factored.WeightError : null), ErrorBefore: factored.PlainOutputError));
            Land(model.Graph, plan, layer.Node, factored.Replacement);
        }

        errors.ThrowIfErrors();
        model.Graph.RemoveDead();
        context.Report(Kind, 1);
        if (before is null)
            return changes;
        var measured = OutputErrors.Measure(before, model, outputs, context, Kind);
        return [.. changes.Select(change => measured.TryGetValue(change.Layer, out var error) ? change with { Error = error } : change)];
    }

    /// <inheritdoc/>
    public IEnumerable<Diagnostic> Foresee(Model model, ModelPlan plan, bool hasCalibration)
    {
        foreach (var planned in hasCalibration ? [] : plan.Layers.Select(Asked).OfType<Planned<FactorizeSettings>>().DistinctBy(planned => planned.Position))
        {
            var need = planned.Settings.Rule == RankRule.Error ? "error" : planned.Settings.DataAware == true ? "data-aware: true" : null;
            if (need is not null)
                yield return Codes.DataNeeded.At(planned.Position, $"'{need}' needs calibration data; name some under 'data: calibration'");
        }
    }

    /// <summary>The layers that the plan asks for. Factors that another technique made share the plan of their layer, which is treated once.</summary>
    List<(Layer Layer, LayerPlan Own, Planned<FactorizeSettings> Planned)> Asked(Model model, ModelPlan plan, CompressionContext context)
    {
        var seen = new HashSet<LayerPlan>(ReferenceEqualityComparer.Instance);
        var found = new List<(Layer, LayerPlan, Planned<FactorizeSettings>)>();
        foreach (var layer in LayerCatalog.List(model.Graph, context.MeasureShapes(model)))
        {
            if (plan.Of(layer.Node) is { } own && Asked(own) is { } planned && seen.Add(own))
                found.Add((layer, own, planned));
        }

        return found;
    }

    /// <summary>The bias as it is now: factors chosen by data have one of their own.</summary>
    static Tensor? BiasOf(Graph graph, Layer layer) => graph.Initializer(layer.Node.Input(2)) ?? layer.Bias;

    /// <summary>What the plan of a layer asks of this technique; null for nothing.</summary>
    internal abstract Planned<FactorizeSettings>? Asked(LayerPlan plan);

    /// <summary>Why a layer has no factors of this kind, whatever the settings; null where it may have.</summary>
    private protected abstract Refusal? RefuseForm(Layer layer);

    /// <summary>Chooses the ranks; what is returned does the work.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="settings">What is asked.</param>
    /// <param name="samples">The layer's inputs and the outputs wanted for them; null where it is not to look at data, or cannot.</param>
    /// <param name="cancellation">Stops the work.</param>
    private protected abstract Attempt<Func<Factored>> PlanWeight(
        Graph graph, Layer layer, FactorizeSettings settings, SampledLayer? samples, CancellationToken cancellation);

    /// <summary>The ranks that a layer may get, with their costs and the errors that they bring; only those that save.</summary>
    internal virtual IEnumerable<RankOption> Options(Graph graph, Layer layer, FactorizeSettings settings, SampledLayer? samples) => [];

    Attempt<Func<Factored>> PlanLayer(Model model, Layer layer, FactorizeSettings settings, SampledLayer? samples, CancellationToken cancellation) =>
        Refuse(model, layer) is { } refusal ? refusal : PlanWeight(model.Graph, layer, settings, samples, cancellation);

    /// <summary>Why a layer has no factors, whatever the settings; null where it may have.</summary>
    internal Refusal? Refuse(Model model, Layer layer)
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
        return float.IsFinite(TensorPrimitives.Norm(weight.Floats()))
            ? null
            : Refusal.NotFinite($"weight '{weight.Name}' holds values that are not finite or too large for float32 factors");
    }

    static void Land(Graph graph, ModelPlan plan, Node layer, Replacement replacement)
    {
        foreach (var weight in replacement.Weights)
            graph.Add(weight);
        graph.Replace(layer, replacement.Nodes);
        // Factors are not factorized once more.
        if (plan.Of(layer) is { } own)
            plan.Replace(layer, own with { Tucker = null, Cp = null, Svd = null });
        plan.Inherit(layer, replacement.Nodes);
    }
}
