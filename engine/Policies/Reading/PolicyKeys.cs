namespace Compress.Policies.Reading;

/// <summary>The legal keys of every mapping of a policy. compress.schema.json and docs/policy.md list the same; a test compares them.</summary>
static class PolicyKeys
{
    public static readonly Mapping Policy = new("policy", "a policy", "version", "model", "output", "data", "layers", "factorize-budget", "gates")
    {
        Planned = ["distill", "fine-tune"],
    };

    public static readonly Mapping Data = new("data", "'data'", "calibration", "evaluation") { Planned = ["training"] };

    public static readonly Mapping Source = new(
        "source", "a data source",
        "idx", "npz", "npy", "random", "labels", "input", "scale", "mean", "std", "skip", "take", "shuffle", "seed", "shapes")
    {
        Planned = ["images", "csv", "resize", "crop", "layout", "channels"],
    };

    public static readonly Mapping Rule = new("rule", "a rule", "match", "prune", "tucker", "cp", "svd", "cluster", "quantize");

    public static readonly Mapping Match = new(
        "match", "a condition", "name", "op", "kernel", "group", "depthwise", "index", "min-parameters", "max-parameters", "not");

    public static readonly Mapping Prune = new(
        "prune", "'prune'",
        "filters", "channels", "kernel", "pattern", "weights", "vectors", "kernels", "n-m", "by", "scope", "round-to", "keep-at-least", "reconstruct")
    {
        Planned = ["steps"],
    };

    public static readonly Mapping Tucker = new("tucker", "'tucker'", "rank", "ratio", "energy", "speedup", "error", "round-to", "data-aware");

    public static readonly Mapping Cp = new("cp", "'cp'", "rank", "speedup", "error", "round-to", "data-aware");

    public static readonly Mapping Svd = new("svd", "'svd'", "rank", "ratio", "energy", "speedup", "error", "round-to", "data-aware", "axis");

    public static readonly Mapping Cluster = new("cluster", "'cluster'", "centroids", "bits", "init", "groups");

    public static readonly Mapping Budget = new("budget", "'factorize-budget'", "macs", "parameters");

    public static readonly Mapping Quantize = new("quantize", "'quantize'", "as", "activations", "per", "symmetric", "calibrate", "repair", "target-cpu", "profile", "block", "by", "form");

    public static readonly Mapping Calibrate = new("calibrate", "'calibrate'", "percentile");

    public static readonly Mapping Repair = new("repair", "'repair'", "steps", "error", "budget");

    public static readonly Mapping Gates = new(
        "gates", "'gates'", "top1", "top5", "agreement", "cosine", "mse", "size", "download-size", "macs", "parameters", "latency");

    public static readonly Mapping QualityGate = new("quality-gate", "this gate", "max-drop", "min", "confidence") { Planned = ["expect"] };

    public static readonly Mapping ErrorGate = new("error-gate", "this gate", "max", "confidence") { Planned = ["expect"] };

    public static readonly Mapping RatioGate = new("ratio-gate", "this gate", "max") { Planned = ["expect"] };

    public static readonly Mapping LatencyGate = new("latency-gate", "this gate", "max", "batch", "threads") { Planned = ["expect"] };

    public static readonly Mapping Shapes = new("shapes", "'shapes'") { TakesAnyKey = true };

    /// <summary>Every mapping whose keys are fixed.</summary>
    public static IReadOnlyList<Mapping> All { get; } =
    [
        Policy, Data, Source, Rule, Match, Prune, Tucker, Cp, Svd, Cluster, Budget, Quantize, Calibrate, Repair, Gates, QualityGate, ErrorGate, RatioGate, LatencyGate,
    ];
}
