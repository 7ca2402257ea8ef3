using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Onnx;
using Compress.Rewriting;
using Compress.UnitTests.Support;
using Google.Protobuf;

namespace Compress.UnitTests.Rewriting;

public class FunctionInliningTests
{
    [Fact]
    public void Calls_become_the_functions_nodes_and_the_outputs_stay()
    {
        var model = Model.Of(Calling());
        var expected = Ort.Run(model.Clone(), Samples.For(model));
        var diagnostics = new DiagnosticBag();

        Rewriter.Run(model, diagnostics);

        Assert.Empty(diagnostics);
        Assert.Empty(model.Functions);
        Assert.Equal(["first/inner/mm", "second/inner/mm"], LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => layer.Name));
        var reloaded = Model.Parse(ByteString.CopyFrom(model.ToBytes()), "m.onnx");
        Assert.Equal(expected, Ort.Run(reloaded, Samples.For(model)));
    }

    [Fact]
    public void A_function_of_an_older_opset_is_inlined_if_its_operators_mean_the_same()
    {
        var proto = Calling();
        foreach (var function in proto.Functions)
            function.OpsetImport[0].Version = 14;
        var model = Model.Of(proto);
        var expected = Ort.Run(model.Clone(), Samples.For(model));

        Rewriter.Run(model);

        Assert.Empty(model.Functions);
        Assert.Equal(expected, Ort.Run(model, Samples.For(model)));
    }

    [Fact]
    public void A_function_whose_operators_mean_something_else_stays_and_is_named()
    {
        var proto = Calling();
        proto.Functions[1].Node.Add(Node.Create("Softmax", "soft", ["h"], ["unread"]).Proto);
        proto.Functions[1].OpsetImport[0].Version = 12;
        var model = Model.Of(proto);
        var diagnostics = new DiagnosticBag();

        Rewriter.Run(model, diagnostics);

        var kept = Assert.Single(diagnostics);
        Assert.Equal("CMP2011", kept.Code);
        Assert.Contains("'custom.Inner' stays as it is", kept.Message);
        Assert.Contains("Softmax 'soft' in it is written in opset 12", kept.Message);
        Assert.Equal("Inner", Assert.Single(model.Functions).Name);
    }

    [Fact]
    public void A_function_that_bears_the_name_of_a_standard_operator_stays_as_the_runtime_prefers_its_own()
    {
        var proto = new GraphBuilder().Input("x", 1, 2).Node("Relu", ["x"], "y").Output("y", 1, 2).Build().ToProto();
        var function = Function("Relu", ["a"], ["b"], [Node.Create("Neg", "", ["a"], ["b"])]);
        function.Domain = "";
        proto.Functions.Add(function);
        var model = Model.Of(proto);
        var expected = Ort.Run(model.Clone(), Samples.For(model));

        Rewriter.Run(model);

        Assert.Equal(expected, Ort.Run(model, Samples.For(model)));
    }

    [Fact]
    public void Functions_that_call_themselves_are_refused()
    {
        var proto = Calling();
        proto.Functions[1].Node.Add(Node.Create("Block", "again", ["a"], ["b"], "custom").Proto);

        var failure = Assert.Throws<CompressException>(() => Rewriter.Run(Model.Of(proto)));

        Assert.Equal("CMP2007", failure.Diagnostics[0].Code);
    }

    [Fact]
    public void Functions_that_grow_without_end_stay()
    {
        var proto = new GraphBuilder().Input("x", 1).Add(Node.Create("F40", "f", ["x"], ["y"], "custom")).Output("y", 1).Build().ToProto();
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "custom", Version = 1 });
        for (var i = 0; i <= 40; i++)
        {
            proto.Functions.Add(Function($"F{i}", ["x"], ["y"], i == 0
                ? [Node.Create("Abs", "", ["x"], ["y"])]
                : [Node.Create($"F{i - 1}", "", ["x"], ["h"], "custom"), Node.Create($"F{i - 1}", "", ["h"], ["y"], "custom")]));
        }

        var model = Model.Of(proto);
        var diagnostics = new DiagnosticBag();

        Rewriter.Run(model, diagnostics);

        Assert.Equal("F40", Assert.Single(model.Graph.Nodes).OpType);
        Assert.Contains(diagnostics, diagnostic => diagnostic.Message.Contains("more than 100000 nodes"));
    }

    [Fact]
    public void A_function_that_gives_its_input_back_and_one_with_a_body_are_inlined()
    {
        var then = new GraphBuilder().Node("Add", ["h", "h"], "t").Output("t").Body();
        var other = new GraphBuilder().Constant("minus", [-1f]).Node("Mul", ["a", "minus"], "t").Output("t").Body();
        var proto = new GraphBuilder().Input("a", 1, 3).InputOf(TensorProto.Types.DataType.Bool, "h", 1)
            .Add(Node.Create("Choose", "one", ["a", "h"], ["t", "same"], "custom")).Add(Node.Create("Choose", "two", ["t", "h"], ["u"], "custom"))
            .Node("Add", ["u", "same"], "y").Output("y", 1, 3).Build().ToProto();
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "custom", Version = 1 });
        proto.Functions.Add(Function("Choose", ["a", "flag"], ["c", "a"],
            [Node.Create("Exp", "", ["a"], ["h"]), Node.Create("If", "if", ["flag"], ["c"]).With("then_branch", then).With("else_branch", other)]));
        foreach (var flag in (bool[])[true, false])
        {
            var model = Model.Of(proto.Clone());
            var sample = new Dictionary<string, Compress.Data.DataTensor>
            {
                ["a"] = Compress.Data.DataTensor.Of([0.5f, -1f, 2f], 1, 3),
                ["h"] = new(TensorProto.Types.DataType.Bool, [1], new[] { flag }),
            };
            float Chosen(float a) => flag ? MathF.Exp(a) * 2 : -a;

            Rewriter.Run(model);

            Assert.Empty(model.Functions);
            var actual = Ort.Run(model, sample);
            foreach (var (i, a) in new[] { 0.5f, -1f, 2f }.Index())
                Assert.Equal(Chosen(Chosen(a)) + a, actual[i], 1e-3f * Math.Abs(actual[i]));
        }
    }

    /// <summary>
    /// Two calls of Block(x, w, shift?) = LeakyRelu(Inner(x, w) + shift), its slope an attribute with a default; Inner is a matrix product. The
    /// second call leaves the default; the name 'h' stands in the model as well.
    /// </summary>
    static ModelProto Calling()
    {
        var proto = new GraphBuilder().Input("x", 1, 4).Random("w", 0.5f, 4, 4)
            .Add(Node.Create("Block", "first", ["x", "w"], ["h"], "custom").With("slope", 0.3f))
            .Add(Node.Create("Block", "second", ["h", "w"], ["y"], "custom")).Output("y", 1, 4).Build().ToProto();
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "custom", Version = 1 });
        var leaky = Node.Create("LeakyRelu", "act", ["h"], ["out"]);
        leaky.Proto.Attribute.Add(new AttributeProto { Name = "alpha", Type = AttributeProto.Types.AttributeType.Float, RefAttrName = "slope" });
        var block = Function("Block", ["x", "w"], ["out"], [Node.Create("Inner", "inner", ["x", "w"], ["h"], "custom"), leaky]);
        block.AttributeProto.Add(new AttributeProto { Name = "slope", Type = AttributeProto.Types.AttributeType.Float, F = 0.7f });
        proto.Functions.Add(block);
        proto.Functions.Add(Function("Inner", ["a", "b"], ["h"], [Node.Create("MatMul", "mm", ["a", "b"], ["h"])]));
        return proto;
    }

    static FunctionProto Function(string name, string[] inputs, string[] outputs, Node[] nodes)
    {
        var function = new FunctionProto { Domain = "custom", Name = name, Input = { inputs }, Output = { outputs }, Node = { nodes.Select(node => node.Proto) } };
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "custom", Version = 1 });
        return function;
    }
}
