using Compress.Data;
using Compress.Models;
using Compress.Rewriting;
using Compress.UnitTests.Support;
using Compress.Verification;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Verification;

public sealed class RewriteVerifierTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Right_passes_leave_nothing_but_rounding()
    {
        var result = Verify(Normalized(), Rewriter.Passes);

        Assert.Null(result.Fault);
        Assert.Equal((1, null), (result.Verified.Samples, result.Verified.Omitted));
        // Folding rounds the weights anew, so that some difference has to be there.
        Assert.InRange(result.Verified.MaxRelativeDifference!.Value, 1e-9, 1e-5);
    }

    [Fact]
    public void The_first_wrong_pass_and_the_first_node_that_differs_are_named()
    {
        var result = Verify(Normalized(), [.. Rewriter.Passes, Pass.Scaling("/c", 1.5f), Pass.Scaling("/d", 0.9f)]);

        Assert.Equal("/c is scaled", result.Fault!.Pass);
        Assert.Contains("output 'y' differs by", result.Fault.Finding);
        Assert.Contains("the first node that differs is Conv '/c', whose output 'c'", result.Fault.Finding);
    }

    [Theory]
    [InlineData(1.00001f, true)]
    [InlineData(1.001f, false)]
    public void A_difference_counts_from_a_tolerance_on(float factor, bool isAllowed)
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "y", 3, 4, bias: false).Output("y").Build();

        var result = Verify(model, [Pass.Scaling("/y", factor)]);

        Assert.Equal(isAllowed, result.Fault is null);
        if (isAllowed)
            Assert.Equal(factor - 1, result.Verified.MaxRelativeDifference!.Value, 1e-6);
    }

    [Fact]
    public void A_model_that_the_runtime_refuses_is_a_fault_of_the_pass_that_made_it_so()
    {
        var result = Verify(Normalized(), [.. Rewriter.Passes, Pass.Breaking("/d"), Pass.Scaling("/c", 2)]);

        Assert.Equal("/d is broken", result.Fault!.Pass);
        Assert.Contains("ONNX Runtime does not accept the model", result.Fault.Finding);
        Assert.Contains("nowhere", result.Fault.Finding);
    }

    [Fact]
    public void What_is_only_loaded_must_load_all_the_same()
    {
        var (original, good, bad) = (Normalized(), Normalized(), Normalized());
        Rewriter.Run(good);
        var broken = Pass.Breaking("/d");
        broken.Apply(bad);

        var passed = new RewriteVerifier(original, Rewriter.Passes, 1, default).Load(good, "it is a test");
        var failed = new RewriteVerifier(original, [broken], 1, default).Load(bad, "it is a test");

        Assert.Null(passed.Fault);
        Assert.Equal(new Verified(0, null, "the rewritten model was loaded and not run: it is a test"), passed.Verified);
        Assert.Equal("/d is broken", failed.Fault!.Pass);
    }

    [Fact]
    public void Not_a_number_and_infinities_equal_themselves()
    {
        var model = new GraphBuilder().Input("x", -1, 4).Constant("zero", [0f, 0f, 1f, 1f]).Node("Sub", ["x", "x"], "n").Node("Div", ["n", "zero"], "nan")
            .Node("Abs", ["x"], "a").Node("Div", ["a", "zero"], "inf").Node("Add", ["nan", "inf"], "s").Node("Identity", ["s"], "i").Node("Relu", ["i"], "y")
            .Output("y").Output("inf").Build();

        var result = Verify(model, Rewriter.Passes);

        Assert.Null(result.Fault);
        Assert.Equal(0, result.Verified.MaxRelativeDifference);
    }

    [Fact]
    public void A_value_that_is_not_finite_in_one_model_alone_is_a_fault()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "y", 3, 4).Output("y").Build();

        Assert.Contains("output 'y' is finite in one model alone", Verify(model, [Pass.Scaling("/y", float.NaN)]).Fault!.Finding);
    }

    [Theory]
    [InlineData("RandomNormalLike")]
    [InlineData("Bernoulli")]
    public void Outputs_that_depend_on_chance_are_left_out(string random)
    {
        var model = new GraphBuilder().Input("x", -1, 16).Node("Sigmoid", ["x"], "p").Node("Identity", ["p"], "i").Node("Identity", ["i"], "j").Node(random, ["j"], "r").Node("Add", ["r", "x"], "y")
            .Node("Relu", ["x"], "z").Output("y").Output("z").Build();

        var result = Verify(model, Rewriter.Passes);

        Assert.Null(result.Fault);
        Assert.Equal(1, result.Verified.Samples);
        Assert.Contains("output 'y' depends on random numbers", result.Verified.Omitted);
        Assert.DoesNotContain("'z'", result.Verified.Omitted);
    }

    [Fact]
    public void A_fault_is_found_beside_an_output_that_depends_on_chance()
    {
        var model = new GraphBuilder().Input("x", -1, 3, 8, 8).Node("RandomNormalLike", ["x"], "r").Node("Add", ["r", "x"], "noise").Conv("x", "y", 3, 4)
            .Output("noise").Output("y").Build();

        var fault = Verify(model, [Pass.Scaling("/y", 2)]).Fault!;

        Assert.Contains("output 'y'", fault.Finding);
        Assert.Contains("Conv '/y'", fault.Finding);
    }

    [Fact]
    public void A_choice_between_values_that_rounding_tells_apart_is_no_fault()
    {
        // Whether a count of millionths is odd hangs on the last digits. What depends on it does so too, whatever comes after.
        var choice = new GraphBuilder().Input("x", -1, 3, 4, 4).Conv("x", "c", 3, 1, bias: false).Constant("step", [1e-6f]).Constant("two", [2f])
            .Node("Div", ["c", "step"], "many").Node("Floor", ["many"], "count").Node("Mod", ["count", "two"], "odd", node => node.With("fmod", 1))
            .Node("Cos", ["odd"], "y").Output("y").Output("c").Build();

        var result = Verify(choice, [Pass.Scaling("/c", 1.00001f)]);

        Assert.Null(result.Fault);
        Assert.Contains("output 'y' depends on", result.Verified.Omitted);
    }

    [Fact]
    public void Integers_must_be_the_same()
    {
        var model = new GraphBuilder().InputOf(DataType.Int64, "x", -1, 4).Constant("w", [1L, 2, 3, 4]).Node("Add", ["x", "w"], "y").Output("y").Build();
        model.Graph.SetOutputs([]);
        model.Graph.SetOutputs(["y"]);
        var sample = new Dictionary<string, DataTensor> { ["x"] = new(DataType.Int64, [1, 4], new long[] { 5, 6, 7, 8 }) };
        var off = new Pass("one is off", model => model.Graph.SetConstant(model.Graph.Nodes[0], 1, Tensor.Of<long>("w", [1L, 2, 3, 5], 4)));

        var result = Verify(model, [off], sample);

        Assert.Equal("one is off", result.Fault!.Pass);
        Assert.Contains("output 'y' holds other int64[1,4] values; the first node that differs is Add '/y'", result.Fault.Finding);
    }

    [Fact]
    public void Another_shape_is_a_fault()
    {
        var model = new GraphBuilder().Input("x", -1, 4).Constant("size", [2L, 2]).Node("Reshape", ["x", "size"], "y").Output("y").Build();
        var off = new Pass("it is flat", model => model.Graph.SetConstant(model.Graph.Nodes[0], 1, Tensor.Of<long>("size", [1L, 4], 2)));

        Assert.Contains("output 'y' is float[1,4] instead of float[2,2]", Verify(model, [off]).Fault!.Finding);
    }

    [Fact]
    public void An_original_that_fails_on_the_sample_is_no_fault()
    {
        var model = new GraphBuilder().InputOf(DataType.Int64, "x", -1, 1).Random("table", 1, 4, 2).Node("Gather", ["table", "x"], "y").Output("y").Build();
        var sample = new Dictionary<string, DataTensor> { ["x"] = new(DataType.Int64, [1, 1], new long[] { 9 }) };

        var result = Verify(model, Rewriter.Passes, sample);

        Assert.Null(result.Fault);
        Assert.Equal(0, result.Verified.Samples);
        Assert.Contains("the original fails on the sample", result.Verified.Omitted);
    }

    VerificationResult Verify(Model model, IReadOnlyList<IRewrite> passes, IReadOnlyDictionary<string, DataTensor>? sample = null)
    {
        sample ??= Samples.For(model);
        model.Save(folder.File("model.onnx"));
        var original = Model.Load(folder.File("model.onnx"));
        var rewritten = original.Clone();
        Rewriter.Run(rewritten, passes);
        return new RewriteVerifier(original, passes, threads: 1, default).Compare(rewritten, sample);
    }

    static Model Normalized() => new GraphBuilder().Input("x", -1, 3, 8, 8).Conv("x", "a", 3, 4)
        .Constant("gamma", [1f, 2, 0.5f, 1.5f]).Constant("beta", [0f, 1, -1, 0.5f]).Constant("mean", [0.1f, 0, 0.2f, 0]).Constant("variance", [1f, 0.7f, 2, 1])
        .Node("BatchNormalization", ["a", "gamma", "beta", "mean", "variance"], "b").Relu("b", "r").Node("Identity", ["r"], "i")
        .Conv("i", "c", 4, 4).Conv("c", "d", 4, 4).Relu("d", "y").Output("y").Build();
}
