using Compress.Models;
using Compress.Onnx;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Models;

public class GraphTests
{
    [Fact]
    public void A_shared_initializer_is_forked_when_one_use_changes()
    {
        var graph = new GraphBuilder().Input("x", 1, 2).Constant("w", [1f, 2f]).Node("Mul", ["x", "w"], "a").Node("Add", ["a", "w"], "y")
            .Output("y").Build().Graph;
        var multiply = graph.Nodes[0];

        var changed = graph.SetConstant(multiply, 1, Tensor.Of<float>("w", [3f, 4f], 2));

        Assert.NotEqual("w", changed.Name);
        Assert.Equal(changed.Name, multiply.Input(1));
        Assert.Equal([1f, 2f], graph.Initializer(graph.Nodes[1].Input(1))!.Floats().ToArray());
        Assert.Equal([3f, 4f], graph.Initializer(multiply.Input(1))!.Floats().ToArray());
    }

    [Fact]
    public void An_initializer_with_one_use_keeps_its_name()
    {
        var graph = new GraphBuilder().Input("x", 1, 2).Constant("w", [1f, 2f]).Node("Mul", ["x", "w"], "y").Output("y").Build().Graph;

        graph.SetConstant(graph.Nodes[0], 1, Tensor.Of<float>("w", [3f], 1));

        Assert.Equal("w", graph.Nodes[0].Input(1));
        Assert.Equal([3f], graph.Initializer("w")!.Floats().ToArray());
        Assert.Single(graph.Initializers);
    }

    [Fact]
    public void A_fresh_name_is_no_tensor_no_node_and_not_given_twice()
    {
        var graph = new GraphBuilder().Input("x", 1).Node("Relu", ["x"], "y").Output("y").Build().Graph;

        string[] given = [graph.Fresh("x"), graph.Fresh("y"), graph.Fresh("/y"), graph.Fresh("new"), graph.Fresh("new")];

        Assert.Equal(5, given.Distinct().Count());
        Assert.DoesNotContain(given, name => name is "x" or "y" or "/y");
        Assert.Equal("new", given[3]);
    }

    [Fact]
    public void A_fresh_name_is_none_that_a_body_bears()
    {
        var inner = new GraphProto { Name = "then" };
        inner.Node.Add(new NodeProto { Name = "inner", OpType = "Relu", Input = { "x" }, Output = { "hidden" } });
        inner.Initializer.Add(Tensor.Of<float>("weight", [1f], 1).Proto);
        var graph = new GraphBuilder().Input("x", 1).Input("flag", 1)
            .Add(Node.Create("If", "if", ["flag"], ["y"]).With("then_branch", inner).With("else_branch", new GraphProto())).Output("y").Build().Graph;

        Assert.Equal(["inner_1", "hidden_1", "weight_1"], [graph.Fresh("inner"), graph.Fresh("hidden"), graph.Fresh("weight")]);
    }

    [Fact]
    public void Outputs_that_nothing_reads_can_go_and_others_cannot()
    {
        var graph = new GraphBuilder().Input("x", 4).Add(Node.Create("Dropout", "d", ["x"], ["y", "mask"])).Output("y").Build().Graph;

        graph.KeepOutputs(graph.Nodes[0], 1);

        Assert.Equal(["y"], graph.Nodes[0].Outputs);
        Assert.Null(graph.Producer("mask"));
        Assert.Throws<InvalidOperationException>(() => graph.KeepOutputs(graph.Nodes[0], 0));
    }

    [Fact]
    public void Bypassing_the_node_that_makes_a_graph_output_keeps_the_outputs_name()
    {
        var model = new GraphBuilder().Input("x", 1, 2).Node("Relu", ["x"], "a").Node("Identity", ["a"], "y").Output("y", 1, 2).Build();

        Assert.True(model.Graph.Bypass(model.Graph.Nodes[1], "a"));

        Assert.Equal([0f, 2f], Ort.Run(model, "x", [-1, 2], 1, 2));
        Assert.Single(model.Graph.Nodes);
    }

    [Fact]
    public void A_node_between_a_graph_input_and_a_graph_output_stays()
    {
        var graph = new GraphBuilder().Input("x", 1).Node("Identity", ["x"], "y").Output("y").Build().Graph;

        Assert.False(graph.Bypass(graph.Nodes[0], "x"));

        Assert.Single(graph.Nodes);
    }

    [Fact]
    public void What_nothing_reads_is_removed_and_what_feeds_it_too()
    {
        var graph = new GraphBuilder().Input("x", 1).Constant("w", [1f]).Node("Add", ["x", "w"], "dead").Node("Relu", ["dead"], "deader")
            .Node("Relu", ["x"], "y").Output("y").Build().Graph;

        Assert.Equal(2, graph.RemoveDead());

        Assert.Equal("y", Assert.Single(graph.Nodes).Output());
        Assert.Empty(graph.Initializers);
    }

    [Fact]
    public void A_fresh_name_does_not_stand_in_the_body_of_control_flow()
    {
        var body = new GraphBuilder().Node("Identity", ["x"], "x_q").Output("x_q").Build().ToProto().Graph;
        var proto = new GraphBuilder().Input("x", 1).InputOf(Compress.Onnx.TensorProto.Types.DataType.Bool, "flag", 1).Node("If", ["flag"], "y").Output("y").Build().ToProto();
        foreach (var name in (string[])["then_branch", "else_branch"])
            proto.Graph.Node[0].Attribute.Add(new Compress.Onnx.AttributeProto { Name = name, Type = Compress.Onnx.AttributeProto.Types.AttributeType.Graph, G = body });

        Assert.NotEqual("x_q", Model.Of(proto).Graph.Fresh("x_q"));
    }

    [Fact]
    public void One_output_named_twice_is_one_output()
    {
        var model = new GraphBuilder().Input("x", 1).Node("Relu", ["x"], "y").Output("y").Output("y").Build();

        model.Graph.SetOutputs(["y"]);

        Assert.Single(model.Graph.Outputs);
    }
}
