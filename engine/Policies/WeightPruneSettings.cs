namespace Compress.Policies;

/// <summary>What goes within the weights of a layer, whose inputs and outputs stay.</summary>
public abstract record PruneForm;

/// <summary>Outer rows and columns of every kernel go.</summary>
/// <param name="Sizes">The sizes that stay, one for each spatial axis.</param>
public sealed record KernelCrop(IReadOnlyList<int> Sizes) : PruneForm
{
    public override string ToString() => $"kernel {string.Join('x', Sizes)}";
}

/// <summary>Of the positions of a kernel, the same ones stay in every kernel of the layer.</summary>
/// <param name="Positions">How many stay; at least 1.</param>
public sealed record KernelPattern(int Positions) : PruneForm
{
    public override string ToString() => $"pattern {Positions}";
}

/// <summary>The pieces in which weights become zero.</summary>
public enum WeightUnit
{
    /// <summary>One weight.</summary>
    Weight,

    /// <summary>A row of a kernel: the weights along its last axis.</summary>
    Vector,

    /// <summary>A whole kernel: what joins one input channel with one output channel.</summary>
    Kernel,
}

/// <summary>A share of the weights becomes zero.</summary>
/// <param name="Unit">In what pieces.</param>
/// <param name="Value">The share of pieces that go, in [0, 1).</param>
public sealed record ZeroShare(WeightUnit Unit, double Value) : PruneForm
{
    public override string ToString() => $"{Unit.ToString().ToLowerInvariant()}s {Percentage.Text(Value)}";
}

/// <summary>Of every few consecutive weights along the input axis, some stay.</summary>
/// <param name="Kept">How many stay; at least 1.</param>
/// <param name="Of">Of how many; more than <paramref name="Kept"/>.</param>
public sealed record KeptOfEvery(int Kept, int Of) : PruneForm
{
    public override string ToString() => $"n-m {Kept}:{Of}";
}

/// <summary>Prunes within the weights of a layer.</summary>
/// <param name="Form">What goes.</param>
/// <param name="By">How weights are ranked.</param>
/// <param name="Scope">Within which bounds, for a <see cref="ZeroShare"/>.</param>
/// <param name="Reconstruct">
/// Whether what stays is corrected on calibration data; null means where there is such data.
/// </param>
public sealed record WeightPruneSettings(
    PruneForm Form, PruneCriterion By = PruneCriterion.L1, PruneScope Scope = PruneScope.Layer, bool? Reconstruct = null)
{
    /// <summary>The settings as the policy says them; those at their default are left out, e.g. <c>weights 80% by l1</c>.</summary>
    public override string ToString() =>
        $"{Form} by {By.ToString().ToLowerInvariant()}"
        + (Scope == PruneScope.Global ? ", global" : "")
        + (Reconstruct is { } reconstruct ? reconstruct ? ", reconstruct" : ", no reconstruction" : "");
}
