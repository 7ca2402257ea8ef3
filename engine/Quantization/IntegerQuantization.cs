using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Quantization.Repair;
using Compress.Techniques;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.Quantization;

/// <summary>
/// Integer quantization: int8 weights, and activations either in 8 or 16 bits at ranges measured on calibration data, or left in float.
/// </summary>
public sealed class IntegerQuantization : ITechnique
{
    public string Kind => "quantize";

    public bool IsAsked(ModelPlan plan) => plan.Layers.Any(layer => Asked(layer) is not null);

    public int NeededOpset(ModelPlan plan) => QuantizationOperators.LeastStandardOpset(plan.Layers.Max(layer => Asked(layer)?.Settings.ActivationBits ?? 0));

    public int BearableOpset(ModelPlan plan) => QuantizationOperators.LeastOpset;

    public IEnumerable<Diagnostic> Foresee(Model model, ModelPlan plan, bool hasCalibration)
    {
        if (!hasCalibration && plan.Layers.Select(Asked).FirstOrDefault(asked => asked is { Settings.Activations: true }) is { } needy)
            yield return Codes.DataNeeded.At(needy.Position, $"'quantize: {needy.Settings.TypeName}' needs calibration data; name some under 'data: calibration', or quantize weights alone with 'quantize: {{ as: int8, activations: none }}'");
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
            .Where(entry => !StaysForDecoding(entry.Layer, entry.Asked, changes)).ToDictionary(entry => KeyOf(entry.Layer));
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
                : new LayerChange(name, op, Kind, (settings with { Activations = form.Precision == LayerPrecision.Integer }) + (form.Note is null ? "" : $" ({form.Note})"),
                    LayerStates.Of([.. group]), LayerStates.Of([.. group.Select(layer => after[layer.Node])]), form.Error));
        }

        return changes;
    }

    /// <summary>Leaves a layer that decodes outputs in float, unless the policy names it.</summary>
    bool StaysForDecoding(Layer layer, Planned<QuantizeSettings> asked, List<LayerChange> changes)
    {
        if (asked.ByName || !asked.Settings.Activations || !QuantizationObstacles.Decodes(layer.Graph, layer.Node))
            return false;
        changes.Add(new LayerChange(layer.Name, layer.Op, Kind, asked.Settings.ToString(),
            Skipped: "kept in float: it decodes what Softmax gives into an output; a rule that names it alone quantizes it"));
        return true;
    }

    static Planned<QuantizeSettings>? Asked(LayerPlan plan) => plan.Quantize is { Settings.As: QuantizationType.Int8 or QuantizationType.Int16 } asked ? asked : null;

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
            entry => entry.Value.Settings.Activations && !notes.ContainsKey(entry.Key) ? LayerPrecision.Integer : LayerPrecision.IntegerWeights);
        var weightErrors = new Dictionary<string, double>();
        IReadOnlyDictionary<string, LayerPrecision> precisions = asked;
        IReadOnlyDictionary<string, double> errors = weightErrors;
        if (context.Calibration is null)
        {
            new QuantizedForms(model.Clone(), outer.ToDictionary(entry => entry.Key, entry => entry.Value.Settings), context, Kind).Write(model, asked, bodies, weightErrors);
        }
        else
        {
            var repair = new AccuracyRepair(model.Clone(), outer, context, Kind);
            (precisions, errors) = repair.Run(asked);
            foreach (var (layer, note) in repair.Notes)
                notes[layer] = note;
            repair.Forms.Write(model, precisions, bodies, weightErrors);
        }

        // What a body computes is no output of a model; there the weight tells.
        return precisions.Select(entry => (entry.Key, Form: new LayerForm(entry.Value, notes.GetValueOrDefault(entry.Key), Of(errors, entry.Key))))
            .Concat(bodies.Keys.Select(key => (Key: key, Form: new LayerForm(LayerPrecision.IntegerWeights, notes.GetValueOrDefault(key), Of(weightErrors, key)))))
            .ToDictionary(entry => entry.Key, entry => entry.Form);

        static double? Of(IReadOnlyDictionary<string, double> errors, string key) => errors.TryGetValue(key, out var error) ? error : null;
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
