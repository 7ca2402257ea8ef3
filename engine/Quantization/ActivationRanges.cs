using Compress.Diagnostics;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Quantization;

/// <summary>
/// The ranges that tensors of a float model take on calibration data. Each tensor is measured once, however many ways to quantize the
/// model are tried.
/// </summary>
/// <param name="model">The float model; not edited while ranges are asked for.</param>
/// <param name="settingsFor">How a tensor's range is to be found.</param>
/// <param name="context">Names the data.</param>
/// <param name="step">The step's name for progress.</param>
sealed class ActivationRanges(Model model, Func<string, QuantizeSettings> settingsFor, CompressionContext context, string step)
{
    readonly Dictionary<string, (float Low, float High)> known = [];

    /// <summary>Measures the tensors whose ranges are not known yet, all in one pass over the data.</summary>
    /// <exception cref="CompressException">CMP4004: a value is not finite.</exception>
    public void Measure(IEnumerable<string> tensors)
    {
        var observers = tensors.Distinct().Where(tensor => !known.ContainsKey(tensor)).ToDictionary(tensor => tensor, tensor => IRangeObserver.For(settingsFor(tensor)));
        if (observers.Count == 0)
            return;
        RangeCalibration.Run(model, observers, context, step);
        foreach (var (tensor, observer) in observers)
            known.Add(tensor, observer.Range);
    }

    /// <summary>The scale and zero point for tensors that share them: the range is that of all of them together.</summary>
    /// <param name="tensors">Tensors that were measured; at least one.</param>
    public QuantizationParameters Of(IReadOnlyCollection<string> tensors)
    {
        var (low, high) = (tensors.Min(tensor => known[tensor].Low), tensors.Max(tensor => known[tensor].High));
        var bits = tensors.Max(tensor => settingsFor(tensor).ActivationBits);
        return tensors.Any(IsSymmetric) ? QuantizationParameters.Symmetric(low, high, bits) : QuantizationParameters.Asymmetric(low, high, bits);
    }

    public bool IsSymmetric(string tensor) => settingsFor(tensor).HasSymmetricActivations;
}
