namespace Compress.Techniques;

/// <summary>What a technique did to one layer of the original model.</summary>
/// <param name="Layer">The layer's name in the original model.</param>
/// <param name="Op">Its operator.</param>
/// <param name="Kind">The technique.</param>
/// <param name="Settings">What was asked, as in the policy, e.g. <c>filters 30% by l1</c>.</param>
/// <param name="Before">The layer before the technique; null where it was skipped.</param>
/// <param name="After">The layer after it; null where it was skipped.</param>
/// <param name="Error">
/// The relative error that the step brings: of the layer's output on calibration data where there is some, else of the weights,
/// ‖difference‖ / ‖original‖, as always for 16 bits; null where not measured.
/// </param>
/// <param name="Skipped">Why nothing was done; null where something was.</param>
/// <param name="ErrorBefore">That error before the step corrected the weights that it left; null where it did not, or it was not measured.</param>
public sealed record LayerChange(
    string Layer, string Op, string Kind, string Settings, LayerState? Before = null, LayerState? After = null, double? Error = null, string? Skipped = null,
    double? ErrorBefore = null);

/// <summary>A layer at one point of the run.</summary>
/// <param name="Form">What it looks like, e.g. <c>64x32x3x3 float32</c>; factors are joined by <c> + </c>.</param>
/// <param name="Parameters">Weights and biases.</param>
/// <param name="Macs">Multiply-accumulates for one sample; null where sizes are not known.</param>
/// <param name="Bytes">Bytes that weights and biases take in the file.</param>
public sealed record LayerState(string Form, long Parameters, long? Macs, long Bytes);
