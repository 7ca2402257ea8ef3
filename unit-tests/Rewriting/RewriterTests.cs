using Compress.Models;
using Compress.Onnx;
using Compress.Rewriting;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Rewriting;

public class RewriterTests
{
    static readonly int[] Image = [2, 3, 8, 8];

    [Fact]
    public void Batch_normalization_disappears_into_the_convolution_before_it()
    {
        var model = Normalized(new GraphBuilder().Input("x", 2, 3, 8, 8).Conv("x", "c", 3, 5, bias: false), "c", 5).Output("y").Build();

        AssertSameOutputs(model, 1e-5);

        Assert.Equal("Conv", Assert.Single(model.Graph.Nodes).OpType);
    }

    [Fact]
    public void Batch_normalization_after_a_transposed_convolution_scales_its_second_axis()
    {
        var builder = new GraphBuilder().Input("x", 2, 3, 8, 8).Random("w", 0.3f, 3, 5, 2, 2)
            .Node("ConvTranspose", ["x", "w"], "c", node => node.With("strides", 2, 2));
        var model = Normalized(builder, "c", 5).Output("y").Build();

        AssertSameOutputs(model, 1e-5);

        Assert.Equal("ConvTranspose", Assert.Single(model.Graph.Nodes).OpType);
    }

    [Fact]
    public void Batch_normalization_stays_where_the_convolution_has_another_reader()
    {
        var model = Normalized(new GraphBuilder().Input("x", 2, 3, 8, 8).Conv("x", "c", 3, 5), "c", 5)
            .Node("Add", ["c", "y"], "z").Output("z").Build();

        AssertSameOutputs(model, 0);

        Assert.Contains(model.Graph.Nodes, node => node.Is("BatchNormalization"));
    }

    [Fact]
    public void A_weight_shared_by_two_convolutions_is_not_scaled_for_the_other()
    {
        var builder = new GraphBuilder().Input("x", 2, 3, 8, 8).Random("w", 0.3f, 3, 3, 1, 1)
            .Node("Conv", ["x", "w"], "c").Node("Conv", ["x", "w"], "d");
        var model = Normalized(builder, "c", 3).Node("Add", ["y", "d"], "z").Output("z").Build();

        AssertSameOutputs(model, 1e-5);

        Assert.DoesNotContain(model.Graph.Nodes, node => node.Is("BatchNormalization"));
    }

    [Fact]
    public void Identity_and_idle_dropout_go()
    {
        var model = new GraphBuilder().Input("x", 2, 3).Node("Identity", ["x"], "a").Node("Relu", ["a"], "b").Node("Dropout", ["b"], "c")
            .Node("Identity", ["c"], "y").Output("y").Build();

        AssertSameOutputs(model, 0, [2, 3]);

        Assert.Equal("Relu", Assert.Single(model.Graph.Nodes).OpType);
    }

    [Fact]
    public void Constant_nodes_become_initializers()
    {
        var model = new GraphBuilder().Input("x", 2, 3)
            .Node("Constant", [], "scale", node => node.With("value", Tensor.Of<float>("", [2f, 3f, 4f], 3)))
            .Node("Constant", [], "shift", node => node.With("value_float", 0.5f))
            .Node("Mul", ["x", "scale"], "a").Node("Add", ["a", "shift"], "y").Output("y").Build();

        AssertSameOutputs(model, 0, [2, 3]);

        Assert.Equal(["Mul", "Add"], model.Graph.Nodes.Select(node => node.OpType));
        Assert.Equal(2, model.Graph.Initializers.Count);
    }

    [Fact]
    public void Initializers_are_no_longer_listed_as_inputs_of_an_old_model()
    {
        var proto = new GraphBuilder(opset: 8, irVersion: 3).Input("x", 2, 3).Constant("w", [1f, 2f, 3f], 3)
            .Node("Mul", ["x", "w"], "y").Output("y").Build().ToProto();
        proto.Graph.Input.Add(new ValueInfoProto { Name = "w", Type = proto.Graph.Input[0].Type.Clone() });
        proto.Graph.Input[1].Type.TensorType.Shape.Dim.RemoveAt(0);
        var model = Model.Of(proto);

        AssertSameOutputs(model, 0, [2, 3]);

        Assert.Equal(["x"], model.ToProto().Graph.Input.Select(input => input.Name));
        Assert.Equal(4, model.IrVersion);
    }

    [Fact]
    public void A_default_that_callers_may_overrule_stays_an_input_of_a_newer_model()
    {
        var proto = new GraphBuilder().Input("x", 2, 3).Constant("gain", [2f]).Random("w", 1, 3, 3).Node("MatMul", ["x", "w"], "a")
            .Node("Mul", ["a", "gain"], "y").Output("y").Build().ToProto();
        foreach (var name in (string[])["gain", "w"])
            proto.Graph.Input.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } } });
        var model = Model.Of(proto);

        Rewriter.Run(model);

        Assert.Equal(["x", "gain"], model.ToProto().Graph.Input.Select(input => input.Name));
    }

    static GraphBuilder Normalized(GraphBuilder builder, string input, int channels) => builder
        .Constant("gamma", builder.Normal(channels)).Constant("beta", builder.Normal(channels)).Constant("mean", builder.Normal(channels))
        .Constant("variance", Array.ConvertAll(builder.Normal(channels), value => 0.1f + (value * value)))
        .Node("BatchNormalization", [input, "gamma", "beta", "mean", "variance"], "y", node => node.With("epsilon", 1e-3f));

    static void AssertSameOutputs(Model model, double tolerance, int[]? shape = null)
    {
        shape ??= Image;
        var input = new GraphBuilder(seed: 7).Normal(shape.Aggregate(1, (a, b) => a * b));
        var expected = Ort.Run(model.Clone(), "x", input, shape);

        Rewriter.Run(model);

        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, "x", input, shape)), 0, tolerance);
    }
}
