using Compress.Diagnostics;
using Compress.Evaluation;
using Compress.Reporting;
using Compress.Techniques;

namespace Compress.UnitTests.Tool;

/// <summary>Results of the engine that show every kind of row.</summary>
static class Results
{
    public static readonly CompressionResult Passed = new(Outcome.Done, Report(Verdict.PassedWithWarnings, GateVerdict.Passed))
    {
        OutputPath = "resnet.compressed.onnx",
        InputFiles = [Path.GetFullPath("compress.yaml"), Path.GetFullPath("resnet.onnx")],
    };

    public static readonly CompressionResult GateFailed = new(Outcome.GateFailed, Report(Verdict.Failed, GateVerdict.Failed)) { RejectedPath = "resnet.rejected.onnx" };

    public static readonly CompressionResult Error = new(Outcome.Error, new Report
    {
        Verdict = Verdict.Failed,
        Diagnostics = [Codes.UnknownKey.At(new SourcePosition("compress.yaml", 14, 5), "unknown key 'prnue' (did you mean 'prune'?)")],
    });

    public static readonly CompressionResult Cancelled = new(Outcome.Cancelled, new Report { Verdict = Verdict.Failed });

    public static readonly Inspection Inspection = new(
        new ModelSummary("resnet.onnx", 1_234_567, 305_162, 41_200_000), 17, 8, ["'input' float[batch,1,28,28]"], ["logits"],
        [
            new LayerInfo("/conv1/Conv", "Conv", "16x1x3x3 float32", "1x16x28x28", 160, 112_896, ["prune", "quantize"]),
            new LayerInfo("/layer1/Conv", "Conv", "64x16x3x3 float32", null, 9_280, null, ["prune", "tucker", "quantize"]),
            new LayerInfo("/norm/Mul", "MatMul", "1x64 float32", "1x1", 64, 64, []),
        ],
        [
            new GroupInfo(16, 1, ["/conv1/Conv", "/layer1/Conv"], ["/layer1/Add"], ["/layer1/Conv", "/fc/Gemm"], [], null),
            new GroupInfo(12, 32, ["/query/MatMul", "/key/MatMul"], ["/query/Reshape", "/scores/MatMul"], [], ["/query/Add", "/query/Reshape"], null),
            new GroupInfo(10, 1, ["/fc/Gemm"], [], [], [], "its channels reach the graph output 'logits'"),
        ],
        [Codes.UnknownDimension.At(new SourcePosition("resnet.onnx"), "the size of 'seq' is not known") with { Severity = Severity.Warning }]);

    public static readonly PolicyCheck Check = new(
        [new CheckedRule(8, "*", ["/conv1/Conv", "/layer1/Conv", "/layer2/Conv", "/fc/Gemm"]), new CheckedRule(10, "/layer*/Conv", ["/layer1/Conv", "/layer2/Conv"]), new CheckedRule(12, "/head/*", [])],
        [
            new CheckedLayer("/conv1/Conv", "Conv", ["quantize int8"]),
            new CheckedLayer("/layer1/Conv", "Conv", ["prune filters 40% by l1", "quantize int8"]),
            new CheckedLayer("/layer2/Conv", "Conv", ["prune filters 40% by l1", "quantize int8"]),
            new CheckedLayer("/fc/Gemm", "Gemm", []),
        ],
        [Codes.MatchesNothing.At(new SourcePosition("compress.yaml", 12, 5), "the rule matches no layer: /head/*")],
        []);

    static Report Report(Verdict verdict, GateVerdict gate) => new()
    {
        Verdict = verdict,
        Before = new ModelSummary("resnet.onnx", 1_234_567, 305_162, 41_200_000),
        After = new ModelSummary("resnet.compressed.onnx", 312_000, 180_400, 20_100_000),
        Ratios = new Ratios(312_000d / 1_234_567, 180_400d / 305_162, 20.1 / 41.2, 0.583),
        Metrics = new Dictionary<string, MetricResult>
        {
            ["top1"] = new(0.9124, 0.9093, 0.0031, new Interval(0.0008, 0.0054, 0.95), 10_000),
            ["cosine"] = new(null, 0.99871, null, null, 10_000),
            ["latency"] = new(2.31, 1.347, null, null, 50),
        },
        Gates = [new GateResult("top1", "drop ≤ 1%", 0.0031, GateVerdict.Passed, "dropped 0.31%"), new GateResult("size", "≤ 20%", 0.253, gate, "25.3% of the original")],
        Layers =
        [
            new LayerReport("/conv1/Conv", "Conv",
            [
                Done("/conv1/Conv", "quantize", "int8", new LayerState("16x1x3x3 float32", 160, 112_896, 640), new LayerState("16x1x3x3 int8", 160, 112_896, 208), 0.0042),
            ]),
            new LayerReport("/layer1/Conv", "Conv",
            [
                Done("/layer1/Conv", "prune", "filters 40% by l1", new LayerState("64x16x3x3 float32", 9_280, 7_200_000, 37_120), new LayerState("38x16x3x3 float32", 5_510, 4_275_000, 22_040), null),
                new LayerChange("/layer1/Conv", "Conv", "tucker", "speedup 2", Skipped: "no rank is small enough"),
                Done("/layer1/Conv", "quantize", "int8", new LayerState("38x16x3x3 float32", 5_510, 4_275_000, 22_040), new LayerState("38x16x3x3 int8", 5_510, 4_275_000, 5_624), 0.0123),
            ]),
            .. Enumerable.Range(2, 4).Select(i => new LayerReport($"/layer{i}/Conv", "Conv", [new LayerChange($"/layer{i}/Conv", "Conv", "prune", "filters 40% by l1", Skipped: "its channels reach a graph output")])),
            new LayerReport("/fc/Gemm", "Gemm", []),
        ],
        Diagnostics = [Codes.MatchesNothing.At(new SourcePosition("compress.yaml", 12, 5), "the rule matches no layer: /head/*")],
        Seconds = new Dictionary<string, double> { ["rewrite"] = 0.041, ["prune"] = 1.234, ["quantize"] = 12.5 },
    };

    static LayerChange Done(string layer, string kind, string settings, LayerState before, LayerState after, double? error) =>
        new(layer, "Conv", kind, settings, before, after, error);
}
