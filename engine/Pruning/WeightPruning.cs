using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Pruning.Forms;
using Compress.Techniques;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Pruning;

/// <summary>
/// Prunes within the weights of a layer, whose inputs and outputs stay: parts of kernels, which makes the layer cheaper, or single weights, which
/// makes the file smaller. Layers are treated in the graph's order, each corrected for the errors of those before it.
/// </summary>
public sealed class WeightPruning : ITechnique
{
    /// <summary>Slice, Pad and Concat are written as of this opset.</summary>
    const int OpsetOfSlices = 11;

    public string Kind => "prune";

    public bool IsAsked(ModelPlan plan) => plan.Layers.Any(layer => layer.PruneWeights is not null);

    public int NeededOpset(ModelPlan plan) =>
        plan.Layers.Any(layer => layer.PruneWeights?.Settings.Form is KernelCrop or KernelPattern) ? OpsetOfSlices : 1;

    public IEnumerable<Diagnostic> Foresee(Model model, ModelPlan plan, bool hasCalibration)
    {
        var asked = plan.Layers.Where(layer => layer.PruneWeights is not null).ToList();
        var refused = asked.Select(layer => (layer.Layer, Asked: layer.PruneWeights!, Refusal: Refuse(layer.Layer, layer.PruneWeights!.Settings)))
            .Where(entry => entry.Refusal is { } refusal && (entry.Asked.ByName || refusal.IsAlwaysError))
            .Select(entry => Error(entry.Layer, entry.Asked, entry.Refusal!));
        var unfed = hasCalibration ? [] : asked.Where(layer => layer.PruneWeights!.Settings.Reconstruct == true)
            .Select(layer => FilterPruning.NeedsData("reconstruct: true", layer.PruneWeights!.Position)).Distinct();
        return refused.Concat(unfed);
    }

    public IEnumerable<Layer> Treatable(Model model, IReadOnlyList<Layer> layers, TensorShapes shapes) =>
        layers.Where(layer => RefuseAny(layer) is null);

    /// <inheritdoc/>
    /// <exception cref="CompressException">
    /// CMP4001: a layer matched by name cannot be treated. CMP4003: a size is out of a layer's range. CMP3007: data is missing.
    /// </exception>
    public IReadOnlyList<LayerChange> Apply(Model model, ModelPlan plan, CompressionContext context)
    {
        if (NeededOpset(plan) is var needed && model.Opset < needed)
            throw new ArgumentException($"the model's opset is {model.Opset}; the forms of kernels need {needed}", nameof(model));
        var changes = new List<LayerChange>();
        var pruned = Choose(model, plan, context, changes);
        var here = context with { Original = model.Clone() };
        var landed = new List<(LayerChange Change, Layer Layer, IReadOnlyList<Node> Nodes)>();
        foreach (var (done, (layer, form, kept)) in pruned.Index())
        {
            context.Report(Kind, (double)done / pruned.Count);
            var error = WeightError(layer.Weight, kept);
            model.Graph.SetConstant(layer.Layer.Node, layer.Layer.WeightInput, Masked(layer.Weight, kept));
            var (before, after, how) = Correct(model, layer, form, kept, here);
            var landing = form.Land(model, layer, kept, context);
            plan.Inherit(layer.Layer.Node, [.. landing.Nodes]);
            var text = $"{layer.Settings} -> {landing.Text}" + (how is null ? "" : $"; {before:0.##%} off before the {how}");
            landed.Add((new LayerChange(layer.Asked.Layer.Name, layer.Layer.Op, Kind, text, LayerStates.Of(layer.Layer), Error: after ?? error), layer.Layer, landing.Nodes));
        }

        model.Graph.RemoveDead();
        context.Report(Kind, 1);
        var layers = LayerCatalog.List(model.Graph, context.MeasureShapes(model)).ToDictionary(layer => layer.Node);
        changes.AddRange(landed.Select(entry => entry.Change with { After = StateOf(model.Graph, [.. entry.Nodes.Select(node => layers[node])]) }));
        return changes;
    }

    List<(PrunedLayer Layer, IWeightForm Form, bool[] Kept)> Choose(Model model, ModelPlan plan, CompressionContext context, List<LayerChange> changes)
    {
        var errors = new DiagnosticBag();
        var layers = new List<PrunedLayer>();
        foreach (var layer in LayerCatalog.List(model.Graph, context.MeasureShapes(model)))
        {
            if (plan.Of(layer.Node) is not { PruneWeights: { } asked } of)
                continue;
            var refusal = Refuse(layer, asked.Settings);
            if (refusal is null)
                layers.Add(new PrunedLayer(layer, model.Graph.Initializer(layer.Node.Input(layer.WeightInput))!, of, asked.Settings, asked.Position));
            else if (asked.ByName || refusal.IsAlwaysError)
                errors.Add(Error(layer, asked, refusal));
            else
                changes.Add(new LayerChange(of.Layer.Name, layer.Op, Kind, asked.Settings.ToString(), Skipped: refusal.Reason));
            if (asked.Settings.Reconstruct == true && context.Calibration is null)
                throw new CompressException(FilterPruning.NeedsData("reconstruct: true", asked.Position));
        }

        errors.ThrowIfErrors();
        var chosen = new List<(PrunedLayer, IWeightForm, bool[])>();
        foreach (var rule in layers.GroupBy(layer => layer.Position))
        {
            var form = WeightForms.Of(rule.First().Settings.Form);
            foreach (var (layer, kept) in rule.Zip(form.Choose([.. rule], context.Seed)))
            {
                if (kept.Contains(false))
                    chosen.Add((layer, form, kept));
                else
                    changes.Add(new LayerChange(layer.Asked.Layer.Name, layer.Layer.Op, Kind, layer.Settings.ToString(), Skipped: "all of its weights stay"));
            }
        }

        return [.. chosen.OrderBy(entry => entry.Item1.Layer.Index)];
    }

    /// <summary>The error of the layer's output before and after what could be corrected, and the name of the correction.</summary>
    static (double? Before, double? After, string? How) Correct(Model model, PrunedLayer layer, IWeightForm form, bool[] kept, CompressionContext context)
    {
        if (context.Calibration is null)
            return default;
        var isWanted = layer.Settings.Reconstruct != false;
        if (isWanted && form.Refit(model, layer, kept, context) is var (before, after))
            return (before, after, "re-fit");
        var bias = BiasCorrection.Run(context.Original, model, layer.Layer, isWanted, context);
        if (layer.Settings.Reconstruct == true && bias is not { IsCorrected: true })
        {
            context.Diagnostics.Add(Codes.NotRefitted.At(layer.Position,
                $"{layer.Layer} could not be corrected: it has no place for a bias, or there are fewer than {BiasCorrection.LeastSamples} samples"));
        }

        return bias is { } done && double.IsFinite(done.Before) ? (done.Before, done.After, done.IsCorrected ? "bias correction" : null) : default;
    }

    static Refusal? Refuse(Layer layer, WeightPruneSettings settings)
    {
        if ((RefuseAny(layer) ?? WeightForms.Of(settings.Form).Refuse(layer)) is { } refusal)
            return refusal;
        return settings.Form is KernelCrop && ConvGeometry.Of(layer, layer.Graph) is null
            ? Refusal.CannotApply("its auto_pad depends on the input's size, which is free or not known")
            : null;
    }

    static Refusal? RefuseAny(Layer layer)
    {
        if (layer.Within is { } owner)
            return Refusal.CannotApply($"it stands in a body of {owner}, where weights are not pruned");
        if (!layer.Node.Is("Conv", "Gemm", "MatMul"))
            return Refusal.CannotApply($"weights of a {layer.Op} are not pruned; those of Conv, Gemm and MatMul are");
        return layer.Graph.Initializer(layer.Node.Input(layer.WeightInput)) is { Type: DataType.Float }
            ? null
            : Refusal.CannotApply($"its weight is {LayerStates.NameOf(layer.Weight.Type)}; only float32 is pruned");
    }

    static Tensor Masked(Tensor weight, bool[] kept)
    {
        var values = weight.Floats().ToArray();
        for (var i = 0; i < values.Length; i++)
            values[i] = kept[i] ? values[i] : 0;
        return Tensor.Of<float>(weight.Name, values, weight.Shape);
    }

    /// <summary>‖W − Ŵ‖ / ‖W‖; null where the weights are zero.</summary>
    static double? WeightError(Tensor weight, bool[] kept)
    {
        double lost = 0, all = 0;
        var values = weight.Floats();
        for (var i = 0; i < values.Length; i++)
        {
            all += (double)values[i] * values[i];
            lost += kept[i] ? 0 : (double)values[i] * values[i];
        }

        var error = Math.Sqrt(lost / all);
        return double.IsFinite(error) ? error : null;
    }

    /// <summary>A state in which bytes are those that are stored. Parameters count zeros too: they are what the runtime holds.</summary>
    static LayerState StateOf(Graph graph, IReadOnlyList<Layer> parts)
    {
        var state = LayerStates.Of(parts);
        return state with { Bytes = state.Bytes + parts.Sum(part => graph.StoredBytes(part.Node.Input(part.WeightInput)) - part.Weight.Bytes) };
    }

    static Diagnostic Error(Layer layer, Planned<WeightPruneSettings> asked, Refusal refusal) =>
        refusal.Kind.At(asked.Position, $"cannot prune {layer}: {refusal.Reason}");
}
