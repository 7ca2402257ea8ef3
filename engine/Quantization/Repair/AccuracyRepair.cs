using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Quantization.Repair;

/// <summary>
/// Brings a quantized model's outputs nearer to the float model's, step by step: equalization, bias correction, and layers back to float. Each step's
/// gain is measured on calibration data, and a step that gains nothing is taken back.
/// </summary>
/// <param name="model">The float model; not edited.</param>
/// <param name="layers">What is asked of each layer, by its output.</param>
/// <param name="context">Names the data; there must be some.</param>
/// <param name="step">The step's name for progress.</param>
sealed class AccuracyRepair(Model model, IReadOnlyDictionary<string, Planned<QuantizeSettings>> layers, CompressionContext context, string step)
{
    /// <summary>The least gain for which a step is kept, relative to the error.</summary>
    const double LeastGain = 0.01;

    readonly List<Planned<QuantizeSettings>> repaired = [.. layers.Values.Where(MayRepair)];
    readonly Dictionary<string, string> notes = [];

    /// <summary>What the outputs may be off by; null where no layer is to be repaired.</summary>
    double? Goal => repaired.Count == 0 ? null : repaired.Min(layer => layer.Settings.RepairAbove);

    /// <summary>Writes the model in the form that repair found.</summary>
    public QuantizedForms Forms { get; private set; } = new(model, layers.ToDictionary(entry => entry.Key, entry => entry.Value.Settings), context, step);

    /// <summary>Why layers are not as they were asked to be, by their output.</summary>
    public IReadOnlyDictionary<string, string> Notes => notes;

    /// <summary>Repairs what can be repaired.</summary>
    /// <param name="asked">The precision asked for each layer.</param>
    /// <returns>The precisions that layers get, and their errors on calibration data.</returns>
    public (IReadOnlyDictionary<string, LayerPrecision> Precisions, IReadOnlyDictionary<string, double> Errors) Run(IReadOnlyDictionary<string, LayerPrecision> asked)
    {
        var current = QuantizedErrors.Measure(Forms, asked, context, step);
        if (Goal is not { } goal || !ReferenceOutputs.FloatOutputs(model.Graph).Any())
            return (asked, current.OfLayers);
        if (IsDue(RepairSteps.Equalization, current, goal))
            current = Equalize(asked, current);
        var (uncorrected, before) = (Forms, current);
        var precisions = asked;
        if (IsDue(RepairSteps.BiasCorrection, current, goal))
            current = CorrectBiases(precisions, current);
        if (current.OfOutputs > goal && Has(RepairSteps.Fallback))
        {
            // What biases make up for changes with the layers that fall back.
            Forms = uncorrected;
            precisions = FallBack(asked, before, goal);
            current = QuantizedErrors.Measure(Forms, precisions, context, step);
            if (IsDue(RepairSteps.BiasCorrection, before, goal))
                current = CorrectBiases(precisions, current);
        }

        if (current.OfOutputs > goal)
        {
            context.Diagnostics.Add(Codes.RepairFailed.At(layers.Values.First().Position,
                $"quantization changes the outputs by {current.OfOutputs:0.0%} on calibration data, more than the {goal:0.##%} that 'repair' aims at, with everything done that it may do; "
                + "leave more layers in float with 'quantize: none', or set a goal with 'repair: { error: ... }'"));
        }

        return (precisions, current.OfLayers);
    }

    static bool MayRepair(Planned<QuantizeSettings> layer) => layer.Settings is { Activations: true, RepairAbove: not null };

    static string Count(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";

    bool Has(RepairSteps wanted) => repaired.Any(layer => layer.Settings.Repair.HasFlag(wanted));

    /// <summary>Whether a step is to be tried: where the policy names it, in any case; else where the outputs are too far off.</summary>
    bool IsDue(RepairSteps wanted, QuantizedErrors current, double goal) =>
        Has(wanted) && (current.OfOutputs > goal || repaired.Any(layer => layer.Settings.IsRepairNamed && layer.Settings.Repair.HasFlag(wanted)));

    QuantizedErrors Equalize(IReadOnlyDictionary<string, LayerPrecision> asked, QuantizedErrors before)
    {
        var wanted = layers.Where(entry => asked[entry.Key] == LayerPrecision.Integer && MayRepair(entry.Value) && entry.Value.Settings.Repair.HasFlag(RepairSteps.Equalization))
            .ToDictionary(entry => entry.Key, entry => entry.Value.Settings);
        var equalization = Equalization.Of(model, wanted, context, step);
        return Try(RepairSteps.Equalization, asked, before, equalization.Pairs == 0 ? null : Forms.With(equalization), Count(equalization.Pairs, "pair") + " of layers");
    }

    QuantizedErrors CorrectBiases(IReadOnlyDictionary<string, LayerPrecision> precisions, QuantizedErrors before)
    {
        var wanted = precisions.ToDictionary(entry => entry.Key,
            entry => layers[entry.Key] is var layer && MayRepair(layer) && layer.Settings.Repair.HasFlag(RepairSteps.BiasCorrection));
        var shifts = BiasShifts.Measure(Forms, precisions, context, step).Where(entry => wanted[entry.Key]).ToDictionary();
        return Try(RepairSteps.BiasCorrection, precisions, before, shifts.Count == 0 ? null : Forms.With(shifts), Count(shifts.Count, "layer"));
    }

    /// <summary>Keeps another way to write the model if it is a better one.</summary>
    QuantizedErrors Try(RepairSteps tried, IReadOnlyDictionary<string, LayerPrecision> asked, QuantizedErrors before, QuantizedForms? forms, string detail)
    {
        if (forms is null)
            return before;
        var after = QuantizedErrors.Measure(forms, asked, context, step);
        var isKept = after.OfOutputs < before.OfOutputs * (1 - LeastGain);
        context.Repairs.Add(new RepairGain(RepairStepNames.Of(tried), before.OfOutputs, after.OfOutputs, isKept, detail));
        if (!isKept)
            return before;
        Forms = forms;
        return after;
    }

    IReadOnlyDictionary<string, LayerPrecision> FallBack(IReadOnlyDictionary<string, LayerPrecision> asked, QuantizedErrors before, double goal)
    {
        var fallback = new FloatFallback(Forms, context, step) { Budget = repaired.Max(layer => layer.Settings.RepairBudget) };
        var (choice, reached) = fallback.Choose(asked, layer => MayRepair(layers[layer]) && layers[layer].Settings.Repair.HasFlag(RepairSteps.Fallback), goal);
        var fallen = choice.Where(entry => entry.Value != asked[entry.Key]).ToList();
        foreach (var (layer, precision) in fallen)
        {
            notes[layer] = precision == LayerPrecision.Float
                ? $"kept in float: its int8 weights alone change the outputs by {fallback.Of(layer).OfWeights:0.0%}"
                : $"{layers[layer].Settings.TypeName} activations here alone change the outputs by {fallback.Of(layer).WithActivations:0.0%}";
        }

        if (fallen.Count == 0)
            return asked;
        context.Repairs.Add(new RepairGain(RepairStepNames.Of(RepairSteps.Fallback), before.OfOutputs, reached, true,
            $"{Count(fallen.Count(entry => entry.Value == LayerPrecision.IntegerWeights), "layer")} with float activations, {fallen.Count(entry => entry.Value == LayerPrecision.Float)} in float"));
        return choice;
    }
}
