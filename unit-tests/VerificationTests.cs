using System.Text.Json;
using Compress.Diagnostics;
using Compress.Models;
using Compress.Rewriting;
using Compress.UnitTests.Support;
using Compress.UnitTests.Verification;

namespace Compress.UnitTests;

/// <summary>Verification as a part of runs.</summary>
public sealed class VerificationTests : IDisposable
{
    const string Policy = "version: 1\nmodel: model.onnx\nlayers: [{ match: '*', prune: 25% }]\n";
    readonly TemporaryFolder folder = new();

    public VerificationTests()
    {
        SmallModel().Build().Save(folder.File("model.onnx"));
        File.WriteAllText(folder.File("compress.yaml"), Policy);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_wrong_pass_ends_the_run_and_leaves_the_rewritten_model_alone()
    {
        File.WriteAllText(folder.File("model.compressed.onnx"), "old");

        var result = Run(Wrong);

        Assert.Equal(Outcome.Error, result.Outcome);
        var error = Assert.Single(result.Report.Diagnostics);
        Assert.Equal("CMP9002", error.Code);
        Assert.Contains("the pass '/b is scaled'", error.Message);
        Assert.Contains("the first node that differs is Conv '/b'", error.Message);
        Assert.Contains(folder.File("model.compressed.bug-report.onnx"), error.Message);
        Assert.Equal("old", File.ReadAllText(folder.File("model.compressed.onnx")));
        Assert.Equal(["compress.yaml", "model.compressed.bug-report.onnx", "model.compressed.onnx", "model.onnx"], folder.Names());
        var kept = Model.Load(folder.File("model.compressed.bug-report.onnx"));
        var (expected, actual) = (Ort.Run(SmallModel().Build(), Samples.For(kept)), Ort.Run(kept, Samples.For(kept)));
        Assert.True(Ort.RelativeDifference(expected, actual) > 0.1);
    }

    [Fact]
    public void A_later_good_run_removes_the_model_of_the_bug_report()
    {
        Run(Wrong);

        Assert.Equal(Outcome.Done, Run(Rewriter.Passes).Outcome);

        Assert.Equal(["compress.yaml", "model.compressed.onnx", "model.onnx"], folder.Names());
    }

    [Fact]
    public void A_bug_report_never_takes_the_place_of_a_file_that_is_read()
    {
        File.Move(folder.File("model.onnx"), folder.File("again.bug-report.onnx"));
        File.WriteAllText(folder.File("compress.yaml"), Policy.Replace("model.onnx", "again.bug-report.onnx\noutput: again.onnx", StringComparison.Ordinal));

        Assert.Equal("CMP1005", Assert.Single(Run(Wrong).Report.Diagnostics).Code);
    }

    [Fact]
    public void The_report_says_what_was_verified()
    {
        Run(Rewriter.Passes, report: "report");

        using var report = JsonDocument.Parse(File.ReadAllBytes(folder.File("report/report.json")));
        var verified = report.RootElement.GetProperty("verified");
        Assert.Equal(1, verified.GetProperty("samples").GetInt32());
        Assert.InRange(verified.GetProperty("maxRelativeDifference").GetDouble(), 0, 1e-4);
        Assert.Equal(JsonValueKind.Null, verified.GetProperty("omitted").ValueKind);
    }

    [Fact]
    public void A_model_for_which_no_sample_can_be_made_up_is_only_loaded_and_the_report_says_so()
    {
        SmallModel("height").Build().Save(folder.File("model.onnx"));
        File.WriteAllText(folder.File("compress.yaml"), Policy.Replace("prune: 25%", "quantize: { activations: none }", StringComparison.Ordinal));

        var result = Run(Rewriter.Passes);

        Assert.True(result.Outcome == Outcome.Done, string.Join("\n", result.Report.Diagnostics));
        Assert.Equal((0, null), (result.Report.Verified!.Samples, result.Report.Verified.MaxRelativeDifference));
        Assert.Contains("no sample can be made up: the size 'height' (axis 2)", result.Report.Verified.Omitted);
        Assert.Equal("CMP9002", Assert.Single(Run([.. Rewriter.Passes, Pass.Breaking("/b")]).Report.Diagnostics).Code);
    }

    [Fact]
    public void An_upgraded_model_is_verified_too()
    {
        new GraphBuilder(opset: 10, irVersion: 5).Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 8).Node("Clip", ["a"], "c", node => node.With("min", 0f).With("max", 6f))
            .Conv("c", "y", 8, 4).Output("y").Build().Save(folder.File("model.onnx"));
        File.WriteAllText(folder.File("compress.yaml"), Policy.Replace("prune: 25%", "quantize: { activations: none }", StringComparison.Ordinal));

        var result = Run(Rewriter.Passes);

        Assert.Equal(Outcome.Done, result.Outcome);
        Assert.Equal(new Compress.Verification.Verified(1, 0, null), result.Report.Verified);
    }

    static IReadOnlyList<IRewrite> Wrong => [.. Rewriter.Passes, Pass.Scaling("/b", 3)];

    CompressionResult Run(IReadOnlyList<IRewrite> passes, string? report = null) => Compression.Run(
        new CompressionRequest(folder.File("compress.yaml")) { ReportDirectory = report is null ? null : folder.File(report) }, passes);

    static GraphBuilder SmallModel(string? free = null) => new GraphBuilder().SymbolicInput("x", "batch", "3", free ?? "8", "8").Conv("x", "a", 3, 8).Relu("a", "ar")
        .Conv("ar", "b", 8, 8).Relu("b", "br").Conv("br", "y", 8, 4).Output("y");
}
