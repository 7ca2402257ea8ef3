using Compress.Diagnostics;
using Compress.Execution;
using Compress.Models;
using Compress.Onnx;
using Compress.UnitTests.Support;
using Microsoft.ML.OnnxRuntime;

namespace Compress.UnitTests.Quantization;

/// <summary>int8 in models whose opset stays below the first with all of QuantizeLinear and DequantizeLinear.</summary>
public sealed class RuntimeOperatorsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(10, "int8")]
    [InlineData(11, "int8")]
    [InlineData(10, "{ as: int8, per: tensor }")]
    [InlineData(10, "{ activations: none }")]
    [InlineData(11, "{ activations: none }")]
    public void A_model_that_cannot_be_upgraded_is_quantized_with_the_runtimes_own_operators(int opset, string quantize)
    {
        var model = Stuck(opset);

        var compressed = Run(model, $"match: '*', quantize: {quantize}");

        Assert.Equal(opset, compressed.Opset);
        Assert.All(compressed.Graph.Nodes.Where(node => node.OpType is "QuantizeLinear" or "DequantizeLinear"), node => Assert.Equal("com.microsoft", node.Domain));
        Assert.True(new FileInfo(folder.File("model.compressed.onnx")).Length < 0.5 * new FileInfo(folder.File("model.onnx")).Length);
        AssertClose(model, compressed);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    public void The_runtime_fuses_its_own_operators_into_int8_kernels(int opset)
    {
        Run(Stuck(opset), "match: '*', quantize: int8");

        var kernels = KernelsOf(folder.File("model.compressed.onnx"));
        Assert.Equal(3, kernels.Count(kernel => kernel == "QLinearConv"));
        Assert.Contains("QLinearAdd", kernels);
        Assert.DoesNotContain("Conv", kernels);
    }

    [Fact]
    public void A_layer_left_in_float_stays_so()
    {
        var model = Stuck(10);

        AssertClose(model, Run(model, "match: [/a, /c], quantize: int8"));

        Assert.Equal(2, KernelsOf(folder.File("model.compressed.onnx")).Count(kernel => kernel == "QLinearConv"));
    }

    [Fact]
    public void A_model_of_an_older_opset_is_upgraded_to_the_first_that_will_do()
    {
        var model = Stuck(9);

        var compressed = Run(model, "match: '*', quantize: int8");

        Assert.Equal(10, compressed.Opset);
        AssertClose(model, compressed);
    }

    Model Run(Model model, string rule)
    {
        model.Save(folder.File("model.onnx"));
        File.WriteAllText(folder.File("compress.yaml"), $"version: 1\nmodel: model.onnx\ndata: {{ calibration: {{ random: 16 }} }}\nlayers: [{{ {rule} }}]");
        var result = Compression.Run(new CompressionRequest(folder.File("compress.yaml")));
        Assert.True(result.Outcome == Outcome.Done, string.Join("\n", result.Report.Diagnostics));
        var warning = Assert.Single(result.Report.Diagnostics, diagnostic => diagnostic.Code == "CMP2010");
        Assert.Equal(Severity.Warning, warning.Severity);
        Assert.Contains("cannot follow to opset", warning.Message);
        return Model.Load(folder.File("model.compressed.onnx"));
    }

    static void AssertClose(Model model, Model compressed)
    {
        var sample = Samples.For(model);
        Assert.InRange(Ort.RelativeDifference(Ort.Run(model, sample, "y"), Ort.Run(compressed, sample, "y")), 1e-6, 0.05);
    }

    static IReadOnlyList<string> KernelsOf(string path)
    {
        using var folder = new TemporaryFolder();
        using (var options = new SessionOptions { OptimizedModelFilePath = folder.File("optimized.onnx"), LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR })
        using (new InferenceSession(path, options))
        {
        }

        return [.. Model.Load(folder.File("optimized.onnx")).Graph.Nodes.Select(node => node.OpType)];
    }

    /// <summary>A residual network with a node that keeps it below opset 13.</summary>
    static Model Stuck(int opset)
    {
        var builder = new GraphBuilder(opset, irVersion: 4).Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 16).Relu("a", "b").Conv("b", "c", 16, 16)
            .Add(ReluSix(opset)).Constant(Tensor.Scalar("low", 0f)).Constant(Tensor.Scalar("high", 6f)).Node("Add", ["b", "d"], "e").Conv("e", "f", 16, 16).Node("Sigmoid", ["f"], "g");
        return (opset switch
        {
            9 => builder.Constant("flag", [true]).Add(Node.Create("If", "/if", ["flag"], ["y"]).With("then_branch", ClipBody()).With("else_branch", ClipBody())),
            // Computed, though constant: it could shrink as well as grow.
            10 => builder.Constant("sizes", [1f, 1f, 2f, 2f]).Node("Abs", ["sizes"], "scales").Node("Resize", ["g", "scales"], "y"),
            _ => builder.Constant("roi", Array.Empty<float>(), 0).Constant("scales", [1f, 1f, 2f, 2f]).Node("Resize", ["g", "roi", "scales"], "y",
                node => node.With("coordinate_transformation_mode", "tf_half_pixel_for_nn")),
        }).Output("y").Build();
    }

    static Node ReluSix(int opset) => opset < 11
        ? Node.Create("Clip", "/d", ["c"], ["d"]).With("min", 0f).With("max", 6f)
        : Node.Create("Clip", "/d", ["c", "low", "high"], ["d"]);

    /// <summary>Types are not known in a body, and Clip of opset 11 takes bounds of the input's type.</summary>
    static GraphProto ClipBody()
    {
        var body = new GraphProto { Name = "body" };
        body.Node.Add(Node.Create("Abs", "/abs", ["g"], ["positive"]).Proto);
        body.Node.Add(Node.Create("Clip", "/clip", ["positive"], ["clipped"]).With("max", 0.7f).Proto);
        body.Output.Add(new ValueInfoProto { Name = "clipped" });
        return body;
    }
}
