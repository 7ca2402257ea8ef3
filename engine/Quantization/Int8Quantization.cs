using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization;

/// <summary>
/// int8 quantization: int8 weights, and activations either quantized at ranges measured on calibration data or left in float.
/// </summary>
public sealed class Int8Quantization : ITechnique
{
    public string Kind => "quantize";

    public bool IsAsked(ModelPlan plan) => plan.Layers.Any(layer => Asked(layer) is not null);

    public int NeededOpset(ModelPlan plan) => QuantizationOperators.LeastStandardOpset;

    public int BearableOpset(ModelPlan plan) => QuantizationOperators.LeastOpset;

    public IEnumerable<Diagnostic> Foresee(Model model, ModelPlan plan, bool hasCalibration)
    {
        if (!hasCalibration && plan.Layers.Select(Asked).FirstOrDefault(asked => asked is { Settings.Activations: true }) is { } needy)
            yield return Codes.DataNeeded.At(needy.Position, "'quantize: int8' needs calibration data; name some under 'data: calibration', or quantize weights alone with 'activations: none'");
    }

    public IEnumerable<Layer> Treatable(Model model, IReadOnlyList<Layer> layers, TensorShapes shapes) =>
        layers.Where(layer => QuantizationObstacles.OfWeight(layer.Graph, layer.Node) is null);

    public IReadOnlyList<LayerChange> Apply(Model model, ModelPlan plan, CompressionContext context)
    {
        if (BearableOpset(plan) is var least && model.Opset < least)
            throw new ArgumentException($"the model's opset is {model.Opset}; quantize needs {least}", nameof(model));
        if (Foresee(model, plan, context.Calibration is not null).ToArray() is { Length: > 0 } obstacles)
            throw new CompressException(obstacles);

        var changes = new List<LayerChange>();
        var before = LayerCatalog.List(model.Graph, context.MeasureShapes(model));
        var layers = AskedLayers.Find(before, plan, Asked, (layer, _) => QuantizationObstacles.OfWeight(layer.Graph, layer.Node), changes)
            .ToDictionary(entry => KeyOf(entry.Layer));
        if (layers.Count == 0)
            return changes;
        var keys = before.ToDictionary(layer => layer.Node, KeyOf);
        var done = Quantize(model, layers, context);
        var after = LayerCatalog.List(model.Graph, context.MeasureShapes(model)).ToDictionary(layer => layer.Node);
        foreach (var group in before.Where(layer => layers.ContainsKey(keys[layer.Node])).GroupBy(layer => OriginalName(plan, layer)))
        {
            var (name, op) = (group.Key, plan.Of(group.First().Node)!.Layer.Op);
            var form = done[keys[group.Last().Node]];
            var settings = layers[keys[group.First().Node]].Asked.Settings;
            changes.Add(form.Precision == LayerPrecision.Float
                ? new LayerChange(name, op, Kind, settings.ToString(), Skipped: form.Note)
                : new LayerChange(name, op, Kind, (settings with { Activations = form.Precision == LayerPrecision.Int8 }) + (form.Note is null ? "" : $" ({form.Note})"),
                    LayerStates.Of([.. group]), LayerStates.Of([.. group.Select(layer => after[layer.Node])]), form.Error));
        }

        return changes;
    }

    static Planned<QuantizeSettings>? Asked(LayerPlan plan) => plan.Quantize is { Settings.As: QuantizationType.Int8 } asked ? asked : null;

    /// <summary>Quantizes the model in place.</summary>
    /// <returns>What became of each layer, by its key.</returns>
    Dictionary<string, LayerForm> Quantize(
        Model model, Dictionary<string, (Layer Layer, Planned<QuantizeSettings> Asked)> layers, CompressionContext context)
    {
        var outer = layers.Where(entry => entry.Value.Layer.Within is null).ToDictionary(entry => entry.Key, entry => entry.Value.Asked);
        var bodies = layers.Where(entry => entry.Value.Layer.Within is not null)
            .ToDictionary(entry => entry.Key, entry => (entry.Value.Layer.Graph, entry.Value.Layer.Node, entry.Value.Asked.Settings));
        var notes = layers.Where(entry => entry.Value.Asked.Settings.Activations)
            .Select(entry => (entry.Key, Note: QuantizationObstacles.OfActivations(entry.Value.Layer.Graph, entry.Value.Layer.Node)))
            .Where(entry => entry.Note is not null).ToDictionary(entry => entry.Key, entry => entry.Note!);
        var asked = outer.ToDictionary(entry => entry.Key,
            entry => entry.Value.Settings.Activations && !notes.ContainsKey(entry.Key) ? LayerPrecision.Int8 : LayerPrecision.Int8Weights);
        var reference = model.Clone();
        var forms = new QuantizedForms(reference, outer.ToDictionary(entry => entry.Key, entry => entry.Value.Settings), context, Kind);
        var precisions = Repair(reference, forms, outer, asked, notes, context);
        var weightErrors = new Dictionary<string, double>();
        var outputs = forms.Write(model, precisions, bodies, weightErrors);
        var errors = context.Calibration is null ? weightErrors : OutputErrors.Measure(reference, model, outputs, context, Kind);
        // What a body computes is no output of a model; there the weight tells.
        return precisions.Select(entry => (entry.Key, Form: new LayerForm(entry.Value, notes.GetValueOrDefault(entry.Key), Of(errors, entry.Key))))
            .Concat(bodies.Keys.Select(key => (Key: key, Form: new LayerForm(LayerPrecision.Int8Weights, notes.GetValueOrDefault(key), Of(weightErrors, key)))))
            .ToDictionary(entry => entry.Key, entry => entry.Form);

        static double? Of(IReadOnlyDictionary<string, double> errors, string key) => errors.TryGetValue(key, out var error) ? error : null;
    }

    /// <summary>Takes layers back to float activations, or to float, where int8 changes the model's outputs by more than was asked.</summary>
    Dictionary<string, LayerPrecision> Repair(
        Model reference, QuantizedForms forms, Dictionary<string, Planned<QuantizeSettings>> layers, Dictionary<string, LayerPrecision> asked,
        Dictionary<string, string> notes, CompressionContext context)
    {
        var goals = layers.Values.Where(layer => layer.Settings is { Activations: true, RepairAbove: not null }).Select(layer => layer.Settings.RepairAbove!.Value).ToList();
        if (goals.Count == 0 || !ReferenceOutputs.FloatOutputs(reference.Graph).Any())
            return asked;
        var goal = goals.Min();
        var fallback = new FloatFallback(reference, forms, context, Kind);
        if (fallback.ErrorOf(asked) <= goal)
            return asked;
        var (choice, reached) = fallback.Choose(asked, layer => layers[layer].Settings is { Activations: true, RepairAbove: not null }, goal);
        foreach (var (layer, precision) in choice.Where(entry => entry.Value != asked[entry.Key]))
        {
            notes[layer] = precision == LayerPrecision.Float
                ? $"kept in float: its int8 weights alone change the outputs by {fallback.Of(layer).OfWeights:0.0%}"
                : $"int8 activations here alone change the outputs by {fallback.Of(layer).InInt8:0.0%}";
        }

        if (reached > goal)
        {
            context.Diagnostics.Add(Codes.RepairFailed.At(layers.Values.First().Position,
                $"int8 changes the outputs by {reached:0.0%} on calibration data, more than the {goal:0.##%} that 'repair' aims at, with every layer that may fall back in float; "
                + "leave more layers in float with 'quantize: none', or set a goal with 'repair: { error: ... }'"));
        }

        return choice;
    }

    /// <summary>What became of a layer.</summary>
    /// <param name="Precision">How much of it is in int8.</param>
    /// <param name="Note">Why it is not what was asked.</param>
    /// <param name="Error">Its relative error.</param>
    sealed record LayerForm(LayerPrecision Precision, string? Note, double? Error);

    /// <summary>What a layer goes by while it is quantized: its output, which clones of a model have too; in a body, its path.</summary>
    static string KeyOf(Layer layer) => layer.Within is null ? layer.Node.Output() : $"{layer.Within}: {layer.Name}";

    static string OriginalName(ModelPlan plan, Layer layer) => plan.Of(layer.Node)!.Layer.Name;
}
