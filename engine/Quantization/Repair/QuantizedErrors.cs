using Compress.Models;
using Compress.Techniques;

namespace Compress.Quantization.Repair;

/// <summary>How far a quantized model is off on calibration data.</summary>
/// <param name="OfOutputs">The greatest relative error of any output; 0 where there is none to measure.</param>
/// <param name="OfLayers">The relative error of each layer's output, by its name in the float model.</param>
sealed record QuantizedErrors(double OfOutputs, IReadOnlyDictionary<string, double> OfLayers)
{
    /// <summary>Measures one form of a model against the float model.</summary>
    public static QuantizedErrors Measure(QuantizedForms forms, IReadOnlyDictionary<string, LayerPrecision> precisions, CompressionContext context, string step)
    {
        using var candidate = forms.Build(precisions, out var layers);
        var tensors = layers.ToDictionary(entry => (Name: entry.Key, IsOutput: false), entry => entry.Value);
        foreach (var output in ReferenceOutputs.FloatOutputs(candidate.Graph))
            tensors.Add((output, true), (output, output));
        var errors = OutputErrors.Measure(forms.Float, candidate, tensors, context, step);
        return new QuantizedErrors(
            errors.Where(entry => entry.Key.IsOutput).Select(entry => entry.Value).DefaultIfEmpty(0).Max(),
            errors.Where(entry => !entry.Key.IsOutput).ToDictionary(entry => entry.Key.Name, entry => entry.Value));
    }
}
