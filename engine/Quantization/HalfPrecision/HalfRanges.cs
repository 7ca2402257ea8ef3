using Compress.Models;
using Compress.Techniques;

namespace Compress.Quantization.HalfPrecision;

/// <summary>Measures how great the numbers of a model get on calibration data.</summary>
static class HalfRanges
{
    /// <summary>The greatest finite magnitude of each float tensor; null where there is no calibration data.</summary>
    public static Dictionary<string, float>? Measure(Model model, Func<string, bool> isFloat, CompressionContext context, string step)
    {
        if (context.Calibration is null)
            return null;
        var tensors = model.Graph.Inputs.Select(input => input.Name).Concat(model.Graph.Nodes.SelectMany(node => node.Outputs));
        var observers = tensors.Where(isFloat).Distinct().ToDictionary(tensor => tensor, _ => new MagnitudeObserver());
        RangeCalibration.Run(model, observers.ToDictionary(entry => entry.Key, entry => (IRangeObserver)entry.Value), context, step);
        return observers.ToDictionary(entry => entry.Key, entry => entry.Value.Greatest);
    }
}
