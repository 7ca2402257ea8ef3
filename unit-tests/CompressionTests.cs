using System.Text.Json;
using Compress.Diagnostics;
using Compress.Evaluation;
using Compress.Execution;
using Compress.Models;
using Compress.Reporting;
using Compress.UnitTests.Support;

namespace Compress.UnitTests;

public class CompressionTests : IDisposable
{
    const string Data = "data: { calibration: { random: 8 }, evaluation: { random: 32 } }";
    readonly TemporaryFolder folder = new();

    public CompressionTests() => SmallModel().Save(folder.File("model.onnx"));

    public void Dispose()
    {
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void One_layer_can_be_pruned_factorized_and_quantized_in_one_run()
    {
        var result = Run($$"""
            version: 1
            model: model.onnx
            {{Data}}
            layers:
              - match: "*"
                quantize: int8
              - match: { op: Conv }
                prune: 25%
                tucker: { ratio: 0.5 }
              - match: /g
                svd: 8
            """);

        Assert.Equal(Outcome.Done, result.Outcome);
        var done = result.Report.Layers.Single(layer => layer.Name == "/b").Techniques.Where(change => change.Skipped is null).Select(change => change.Kind);
        Assert.Equal(["prune", "tucker", "quantize"], done);
        Assert.True(result.Report.Ratios!.Parameters < 0.7, result.Report.Ratios.ToString());
        using var session = Session.Open(folder.File("model.compressed.onnx"), new SessionSettings());
        using var outputs = session.Run(Samples.For(SmallModel()));
        Assert.Equal([1, 5], outputs.Shape("y")!);
    }

    [Theory]
    [InlineData("quantize: int8", 13)]
    [InlineData("svd: 2", 11)]
    [InlineData("prune: 25%", 8)]
    public void A_model_of_an_old_opset_is_upgraded_as_far_as_the_techniques_need(string technique, int opset)
    {
        OldModel().Output("y", -1, 5).Build().Save(folder.File("model.onnx"));

        var result = Run($"version: 1\nmodel: model.onnx\n{Data}\nlayers: [{{ match: '*', {technique} }}]\ngates: {{ cosine: {{ min: 0.9 }} }}");

        Assert.True(result.Outcome == Outcome.Done, string.Join("\n", result.Report.Diagnostics));
        Assert.Contains(result.Report.Layers.SelectMany(layer => layer.Techniques), change => change.Skipped is null);
        Assert.Equal(opset, Model.Load(folder.File("model.compressed.onnx")).Opset);
    }

    [Fact]
    public void A_model_that_cannot_be_upgraded_is_an_error_that_names_what_is_in_the_way()
    {
        OldModel().Add(Node.Create("Dropout", "/drop", ["y"], ["kept", "mask"])).Node("Add", ["kept", "mask"], "z").Output("z", -1, 5).Build().Save(folder.File("model.onnx"));
        var policy = $"version: 1\nmodel: model.onnx\n{Data}\nlayers: [{{ match: '*', quantize: int8 }}]";

        var error = ErrorOf(policy);

        Assert.Equal("CMP2004", error.Code);
        Assert.Contains("quantize needs opset 13, and the model cannot be upgraded from opset 8: Dropout '/drop' cannot follow to opset 10", error.Message);
        Assert.Contains(Compression.Check(new CompressionRequest(folder.File("compress.yaml"))).Diagnostics, diagnostic => diagnostic.Code == "CMP2004");
    }

    [Fact]
    public void What_the_report_says_of_sizes_is_what_the_files_hold()
    {
        var result = Run($"version: 1\nmodel: model.onnx\n{Data}\nlayers: [{{ match: '*', quantize: int8, prune: 50% }}]");

        var (before, after) = (result.Report.Before!, result.Report.After!);
        Assert.Equal(new FileInfo(folder.File("model.onnx")).Length, before.Bytes);
        Assert.Equal(new FileInfo(folder.File("model.compressed.onnx")).Length, after.Bytes);
        var inspected = Compression.Inspect(folder.File("model.compressed.onnx"));
        Assert.Equal(after.Macs, inspected.Model.Macs);
        Assert.Equal(after.Parameters, inspected.Model.Parameters);
        // 8·3·9 + 8 + 16·8·9 + 16 + 32·(16·16) + 32 + 5·32 + 5, and the same with half of the inner widths.
        Assert.Equal(8 * 27 + 8 + 16 * 72 + 16 + 32 * 256 + 32 + 160 + 5, before.Parameters);
        Assert.Equal(4 * 27 + 4 + 8 * 36 + 8 + 16 * 128 + 16 + 80 + 5, after.Parameters);
    }

    [Fact]
    public void The_same_run_gives_the_same_bytes()
    {
        const string layers = "layers: [{ match: '*', quantize: int8, prune: 25% }, { match: /b, tucker: { ratio: 0.5 } }]";
        Run($"version: 1\nmodel: model.onnx\noutput: one.onnx\n{Data}\n{layers}");
        Run($"version: 1\nmodel: model.onnx\noutput: other.onnx\n{Data}\n{layers}");

        Assert.Equal(File.ReadAllBytes(folder.File("one.onnx")), File.ReadAllBytes(folder.File("other.onnx")));
    }

    [Fact]
    public void A_failed_gate_keeps_the_old_output_and_names_the_rejected_model()
    {
        File.WriteAllText(folder.File("model.compressed.onnx"), "old");

        var result = Run($"version: 1\nmodel: model.onnx\n{Data}\nlayers: [{{ match: '*', quantize: int8 }}]\ngates:\n  size: {{ max: 1% }}", report: "report");

        Assert.Equal(Outcome.GateFailed, result.Outcome);
        Assert.Equal("old", File.ReadAllText(folder.File("model.compressed.onnx")));
        Assert.Equal(folder.File("model.compressed.rejected.onnx"), result.RejectedPath);
        Assert.True(new FileInfo(result.RejectedPath!).Length > 1000);
        var failure = Assert.Single(result.Report.Diagnostics, diagnostic => diagnostic.Severity == Severity.Error);
        Assert.Equal(("CMP5001", 6), (failure.Code, failure.Position!.Line));
        using var report = JsonDocument.Parse(File.ReadAllBytes(folder.File("report/report.json")));
        Assert.Equal("failed", report.RootElement.GetProperty("verdict").GetString());
    }

    [Fact]
    public void Gates_that_only_warn_let_the_model_through()
    {
        var result = Run($"version: 1\nmodel: model.onnx\n{Data}\nlayers: [{{ match: '*', quantize: int8 }}]\ngates: {{ size: {{ max: 1% }} }}", gates: GateMode.Warn);

        Assert.Equal(Outcome.Done, result.Outcome);
        Assert.Equal(Verdict.PassedWithWarnings, result.Report.Verdict);
        Assert.Contains(result.Report.Diagnostics, diagnostic => diagnostic is { Code: "CMP5001", Severity: Severity.Warning });
        Assert.True(File.Exists(folder.File("model.compressed.onnx")));
    }

    [Fact]
    public void Skipped_gates_are_not_measured()
    {
        var result = Run($"version: 1\nmodel: model.onnx\n{Data}\nlayers: [{{ match: '*', quantize: int8 }}]\ngates: {{ size: {{ max: 1% }} }}", gates: GateMode.Skip);

        Assert.Equal(Outcome.Done, result.Outcome);
        Assert.Empty(result.Report.Metrics);
    }

    [Fact]
    public void A_policy_of_gates_alone_evaluates_the_model()
    {
        var result = Run($"version: 1\nmodel: model.onnx\n{Data}\ngates: {{ cosine: {{ min: 0.999 }} }}");

        Assert.Equal(Outcome.Done, result.Outcome);
        Assert.Equal(1, result.Report.Metrics["cosine"].After, 1e-6);
    }

    [Fact]
    public void An_old_rejected_model_goes_when_a_later_one_passes()
    {
        var policy = $"version: 1\nmodel: model.onnx\n{Data}\nlayers: [{{ match: '*', quantize: int8 }}]\n";
        Run(policy + "gates: { size: { max: 1% } }");
        Run(policy);

        Assert.Equal(["compress.yaml", "model.compressed.onnx", "model.onnx"], folder.Names());
    }

    [Theory]
    [InlineData("CMP1011", "layers: [{ match: nothing-like-it, quantize: int8 }]")]
    [InlineData("CMP3007", "layers: [{ match: '*', quantize: int8 }]")]
    [InlineData("CMP3007", "layers: [{ match: '*', prune: { filters: 25%, reconstruct: true } }]")]
    [InlineData("CMP3001", "data: { calibration: { idx: none.idx } }\nlayers: [{ match: '*', quantize: int8 }]")]
    [InlineData("CMP3002", "data: { calibration: { idx: model.onnx } }\nlayers: [{ match: '*', quantize: int8 }]")]
    [InlineData("CMP4001", "layers: [{ match: /h, prune: 50% }]")]
    [InlineData("CMP4003", "layers: [{ match: /g, svd: 500 }]")]
    [InlineData("CMP5002", "layers: [{ match: '*', prune: 25% }]\ngates: { top1: { max-drop: 1% } }")]
    [InlineData("CMP1003", "layer: []")]
    [InlineData("CMP6001", "output: compress.yaml/out.onnx\nlayers: [{ match: '*', prune: 25% }]")]
    public void Bad_input_is_one_clear_error_and_loses_nothing(string code, string policy)
    {
        var before = folder.Names();

        var result = Run("version: 1\nmodel: model.onnx\n" + policy);

        Assert.NotEqual(Outcome.Done, result.Outcome);
        Assert.Equal(code, Assert.Single(result.Report.Diagnostics, diagnostic => diagnostic.Severity == Severity.Error).Code);
        Assert.Equal(before.Append("compress.yaml"), folder.Names().Where(name => !name.EndsWith(".rejected.onnx", StringComparison.Ordinal)).Order(StringComparer.Ordinal).OrderBy(name => name == "compress.yaml"));
    }

    [Fact]
    public void A_model_that_is_missing_or_broken_is_an_error_that_names_it()
    {
        File.WriteAllBytes(folder.File("cut.onnx"), File.ReadAllBytes(folder.File("model.onnx"))[..^100]);
        File.WriteAllText(folder.File("text.onnx"), "not a model");

        Assert.Equal("CMP2001", ErrorOf("version: 1\nmodel: none.onnx\nlayers: [{ match: '*', prune: 25% }]").Code);
        Assert.Equal("CMP2002", ErrorOf("version: 1\nmodel: cut.onnx\nlayers: [{ match: '*', prune: 25% }]").Code);
        Assert.Equal("CMP2002", ErrorOf("version: 1\nmodel: text.onnx\nlayers: [{ match: '*', prune: 25% }]").Code);
        Assert.Equal("CMP1006", ErrorOf("version: 1\nlayers: [{ match: '*', prune: 25% }]").Code);
    }

    [Theory]
    [InlineData("model: again.rejected.onnx\noutput: again.onnx")]
    [InlineData("model: model.onnx\noutput: compress.yaml")]
    [InlineData("model: model.onnx\noutput: model.onnx")]
    public void A_run_never_writes_or_deletes_what_it_reads(string names)
    {
        File.Copy(folder.File("model.onnx"), folder.File("again.rejected.onnx"));
        var before = File.ReadAllBytes(folder.File("model.onnx"));

        var error = ErrorOf($"version: 1\n{names}\nlayers: [{{ match: '*', prune: 25% }}]");

        Assert.Equal("CMP1005", error.Code);
        Assert.Equal(before, File.ReadAllBytes(folder.File("again.rejected.onnx")));
        Assert.Equal(before, File.ReadAllBytes(folder.File("model.onnx")));
        Assert.StartsWith("version: 1", File.ReadAllText(folder.File("compress.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_failed_gate_is_a_failed_gate()
    {
        // Weights this large overflow in float32, so that the outputs are not finite.
        new GraphBuilder().Input("x", -1, 4).Constant("w", Enumerable.Repeat(1e30f, 16).ToArray(), 4, 4).Node("MatMul", ["x", "w"], "a")
            .Random("v", 1e30f, 4, 4).Node("MatMul", ["a", "v"], "y").Output("y", -1, 4).Build().Save(folder.File("model.onnx"));

        var result = Run("version: 1\nmodel: model.onnx\ndata: { evaluation: { random: 4 } }\nlayers: [{ match: '*', svd: { rank: 1 } }]");

        Assert.NotEqual(Outcome.GateFailed, result.Outcome);
    }

    [Fact]
    public void A_cancelled_run_writes_nothing()
    {
        using var source = new CancellationTokenSource();
        File.WriteAllText(folder.File("compress.yaml"), $"version: 1\nmodel: model.onnx\n{Data}\nlayers: [{{ match: '*', quantize: int8 }}]");

        var result = Compression.Run(new CompressionRequest(folder.File("compress.yaml")), new CancelAt("write", source), source.Token);

        Assert.Equal(Outcome.Cancelled, result.Outcome);
        Assert.Equal(["compress.yaml", "model.onnx"], folder.Names());
    }

    [Fact]
    public void Check_says_what_each_rule_matches_and_finds_what_would_stop_a_run()
    {
        File.WriteAllText(folder.File("compress.yaml"), """
            version: 1
            model: model.onnx
            layers:
              - match: { op: Conv }
                prune: 50%
              - match: /h
                quantize: int8
            """);

        var check = Compression.Check(new CompressionRequest(folder.File("compress.yaml")));

        Assert.Equal([4, 6], check.Rules.Select(rule => rule.Line));
        Assert.Equal(["/a", "/b"], check.Rules[0].Layers);
        Assert.Equal(["prune filters 50% by l1"], check.Layers[0].Asked);
        Assert.Equal("CMP3007", Assert.Single(check.Diagnostics).Code);
        Assert.Equal(["compress.yaml", "model.onnx"], folder.Names());
    }

    [Fact]
    public void Inspect_says_what_can_be_done_to_each_layer()
    {
        var inspection = Compression.Inspect(folder.File("model.onnx"));

        Assert.Equal(["/a", "/b", "/g", "/h"], inspection.Layers.Select(layer => layer.Name));
        Assert.Equal(["prune", "tucker", "cp", "svd", "cluster", "quantize"], inspection.Layers[0].Techniques);
        Assert.Equal(["prune", "svd", "cluster", "quantize"], inspection.Layers[3].Techniques);
        Assert.Equal("16x8x3x3 float32", inspection.Layers[1].Weight);
        Assert.Equal("1x16x8x8", inspection.Layers[1].Output);
        // One multiply for each weight of a filter and each output value.
        Assert.Equal(16 * 64 * 8 * 9, inspection.Layers[1].Macs);
    }

    [Fact]
    public void A_free_size_is_named_by_inspection_and_asked_for_by_a_run()
    {
        new GraphBuilder().SymbolicInput("image", "batch", "3", "height", "320").Conv("image", "a", 3, 8).Conv("a", "y", 8, 4).Output("y").Build().Save(folder.File("model.onnx"));
        const string policy = "version: 1\nmodel: model.onnx\ndata: { calibration: { random: 2 } }\nlayers: [{ match: '*', quantize: int8 }]";
        const string said = "the size 'height' (axis 2) of the model's input 'image' float[batch,3,height,320] is free; random data needs it, for example shapes: { image: [1, 3, 224, 320] }";

        var inspection = Compression.Inspect(folder.File("model.onnx"));
        var error = ErrorOf(policy);
        var result = Run(policy.Replace("random: 2", "random: 2, shapes: { image: [1, 3, 48, 320] }", StringComparison.Ordinal));

        Assert.Equal($"sizes and MACs are not shown: {said}; here, as --shape NAME=SIZES", Assert.Single(inspection.Diagnostics, diagnostic => diagnostic.Code == "CMP2009").Message);
        Assert.Null(inspection.Model.Macs);
        Assert.Equal((8 * 27 + 4 * 72) * 48 * 320, Compression.Inspect(folder.File("model.onnx"), new Dictionary<string, int[]> { ["image"] = [1, 3, 48, 320] }).Model.Macs);
        var misfit = Assert.Throws<CompressException>(() => Compression.Inspect(folder.File("model.onnx"), new Dictionary<string, int[]> { ["image"] = [1, 4, 48, 320] }));
        Assert.Equal("CMP3003", Assert.Single(misfit.Diagnostics).Code);
        Assert.Equal(("CMP2008", said), (error.Code, error.Message));
        Assert.True(result.Outcome == Outcome.Done, string.Join("\n", result.Report.Diagnostics));
        // One multiply for each weight of a filter and each pixel.
        Assert.Equal((8 * 27 + 4 * 72) * 48 * 320, result.Report.Before!.Macs);
    }

    [Fact]
    public void A_model_without_inputs_has_sizes_to_measure()
    {
        new GraphBuilder().Random("x", 1, 1, 6).Node("Abs", ["x"], "a").Gemm("a", "y", 6, 4).Output("y").Build().Save(folder.File("model.onnx"));

        Assert.Equal(24, Compression.Inspect(folder.File("model.onnx")).Model.Macs);
    }

    Diagnostic ErrorOf(string policy) => Assert.Single(Run(policy).Report.Diagnostics, diagnostic => diagnostic.Severity == Severity.Error);

    CompressionResult Run(string policy, GateMode gates = GateMode.Enforce, string? report = null)
    {
        File.WriteAllText(folder.File("compress.yaml"), policy);
        return Compression.Run(new CompressionRequest(folder.File("compress.yaml"))
        {
            Gates = gates,
            ReportDirectory = report is null ? null : folder.File(report),
        });
    }

    static Model SmallModel() => new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Relu("a", "ar").Conv("ar", "b", 8, 16).Relu("b", "br")
        .Node("MaxPool", ["br"], "p", node => node.With("kernel_shape", 2, 2).With("strides", 2, 2)).Node("Flatten", ["p"], "f")
        .Gemm("f", "g", 256, 32).Relu("g", "gr").Gemm("gr", "h", 32, 5).Node("Softmax", ["h"], "y").Output("y", -1, 5).Build();

    static GraphBuilder OldModel() => new GraphBuilder(opset: 8, irVersion: 3).Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Node("Clip", ["a"], "ar", node => node.With("min", 0f).With("max", 6f))
        .Conv("ar", "b", 8, 16).Relu("b", "br").Node("MaxPool", ["br"], "p", node => node.With("kernel_shape", 2, 2).With("strides", 2, 2)).Node("Flatten", ["p"], "f")
        .Gemm("f", "g", 256, 32).Relu("g", "gr").Gemm("gr", "h", 32, 5).Node("Softmax", ["h"], "y");

    /// <summary>Cancels when a step begins.</summary>
    sealed class CancelAt(string step, CancellationTokenSource source) : IProgress<Techniques.StepProgress>
    {
        public void Report(Techniques.StepProgress value)
        {
            if (value.Step == step)
                source.Cancel();
        }
    }
}
