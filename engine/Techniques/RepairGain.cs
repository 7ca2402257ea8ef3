namespace Compress.Techniques;

/// <summary>What a step that repairs a compressed model did to its outputs.</summary>
/// <param name="Step">The step, as a policy names it.</param>
/// <param name="ErrorBefore">The greatest relative error of any output on calibration data before the step.</param>
/// <param name="ErrorAfter">That error with what the step does.</param>
/// <param name="IsKept">Whether the model has it: a step that does not bring the outputs nearer is taken back.</param>
/// <param name="Detail">What the step did, e.g. <c>12 pairs of layers</c>.</param>
public sealed record RepairGain(string Step, double ErrorBefore, double ErrorAfter, bool IsKept, string Detail);
