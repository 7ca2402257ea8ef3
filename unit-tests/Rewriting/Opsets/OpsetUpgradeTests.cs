using Compress.Data;
using Compress.Models;
using Compress.Onnx;
using Compress.Rewriting.Opsets;
using Compress.UnitTests.Support;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Rewriting.Opsets;

public class OpsetUpgradeTests
{
    [Fact]
    public void A_model_of_the_opset_that_is_wanted_or_of_a_later_one_stays_as_it_is()
    {
        var model = new GraphBuilder(15).Input("x", 2).Relu("x", "y").Output("y").Build();
        var before = model.ToBytes();

        Assert.Equal((15, 15, true), Outcome(OpsetUpgrade.Run(model, 13)));
        Assert.Equal((15, 15, true), Outcome(OpsetUpgrade.Run(model, 15)));

        Assert.Equal(before, model.ToBytes());
    }

    [Fact]
    public void An_opset_without_adapters_is_a_mistake_of_the_caller() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => OpsetUpgrade.Run(new GraphBuilder().Input("x", 2).Relu("x", "y").Output("y").Build(), OpsetUpgrade.Newest + 1));

    [Theory]
    [InlineData(8, 4)]
    [InlineData(10, 5)]
    [InlineData(11, 6)]
    [InlineData(13, 7)]
    [InlineData(15, 8)]
    [InlineData(19, 9)]
    [InlineData(21, 10)]
    public void The_ir_version_rises_to_the_one_that_came_with_the_opset(int opset, int ir)
    {
        var builder = new GraphBuilder(7, irVersion: 3).Input("x", 2).Relu("x", "y").Output("y");

        Assert.Equal(ir, Upgraded.To(builder.Build(), opset).IrVersion);
    }

    [Fact]
    public void Weights_that_an_ir_3_model_lists_as_inputs_stay_constant()
    {
        var proto = new GraphBuilder(8, irVersion: 3).Input("x", 1, 3, 8, 8).Conv("x", "y", 3, 4).Output("y").Build().ToProto();
        foreach (var tensor in proto.Graph.Initializer)
        {
            var type = new TypeProto.Types.Tensor { ElemType = tensor.DataType, Shape = new TensorShapeProto() };
            type.Shape.Dim.AddRange(tensor.Dims.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
            proto.Graph.Input.Add(new ValueInfoProto { Name = tensor.Name, Type = new TypeProto { TensorType = type } });
        }

        var upgraded = Upgraded.Same(Model.Of(proto));

        Assert.Equal(["x"], upgraded.ToProto().Graph.Input.Select(input => input.Name));
    }

    [Fact]
    public void One_operator_that_cannot_follow_keeps_every_other_where_it_is()
    {
        var model = new GraphBuilder(9).Input("x", 1, 4).Node("Clip", ["x"], "c", node => node.With("max", 1f))
            .Node("NoSuchOperator", ["c"], "n").Node("Softmax", ["n"], "y").Output("y").Build();

        Assert.Equal("NoSuchOperator '/n' cannot follow to opset 10: it is no operator of a standard opset up to 21", Upgraded.Refused(model).Split("; ")[0]);
    }

    [Fact]
    public void Operators_of_other_domains_stay_as_they_are()
    {
        var model = new GraphBuilder(9).Input("x", 1, 4).Add(Node.Create("Gelu", "g", ["x"], ["g"], "com.microsoft")).Node("Clip", ["g"], "y", node => node.With("max", 1f))
            .Output("y").Build();
        model.ImportOpset("com.microsoft", 1);

        Upgraded.Same(model);
    }

    [Theory]
    [InlineData(1, "Sigmoid")]
    [InlineData(6, "Add")]
    public void An_operator_in_its_form_of_before_opset_7_is_refused(int opset, string op)
    {
        var model = new GraphBuilder(opset).Input("x", 2, 3).Node(op, op == "Add" ? ["x", "x"] : ["x"], "y").Output("y").Build();

        Assert.Equal($"{op} '/y' cannot follow to opset {opset + (op == "Add" ? 1 : 5)}: its older form is not translated", Upgraded.Refused(model));
    }

    [Fact]
    public void An_older_opset_follows_where_its_operators_kept_their_form() =>
        Upgraded.Same(new GraphBuilder(6).Input("x", 1, 3, 8, 8).Conv("x", "c", 3, 4).Relu("c", "r").Node("GlobalMaxPool", ["r"], "p").Node("Squeeze", ["p"], "y", node => node.With("axes", 2, 3))
            .Output("y").Build());

    [Fact]
    public void Bodies_follow_and_take_no_name_of_another_graph()
    {
        // A name that an adapter would choose is taken: outside, and in the other body.
        var model = new GraphBuilder(9).Input("x", 1, 4).InputOf(DataType.Bool, "flag", 1).Constant("/y_axes", [1f])
            .Add(Node.Create("If", "if", ["flag"], ["y"])
                .With("then_branch", Body("then", "ReduceSum", "/y_axes_1"))
                .With("else_branch", Body("else", "ReduceMean", null)))
            .Node("Add", ["y", "/y_axes"], "z").Output("z").Build();
        foreach (var flag in (bool[])[true, false])
        {
            Upgraded.Same(model, new Dictionary<string, DataTensor>
            {
                ["x"] = DataTensor.Of(new GraphBuilder(seed: 3).Normal(4), [1, 4]),
                ["flag"] = new DataTensor(DataType.Bool, [1], (bool[])[flag]),
            });
        }
    }

    [Fact]
    public void A_body_with_an_operator_that_cannot_follow_keeps_the_model_where_it_is()
    {
        var model = new GraphBuilder(9).Input("x", 1, 4).InputOf(DataType.Bool, "flag", 1)
            .Add(Node.Create("If", "if", ["flag"], ["y"]).With("then_branch", Body("then", "NoSuchOperator", null)).With("else_branch", Body("else", "ReduceMean", null)))
            .Output("y").Build();

        Assert.Contains("NoSuchOperator '/then'", Upgraded.Refused(model));
    }

    [Fact]
    public void A_local_function_of_operators_that_only_widened_follows()
    {
        var upgraded = Upgraded.Same(WithFunction("Relu"));

        Assert.Equal(OpsetUpgrade.Newest, upgraded.ToProto().Functions[0].OpsetImport[0].Version);
    }

    [Fact]
    public void A_local_function_whose_operators_would_have_to_be_written_anew_is_refused() =>
        Assert.Contains("ReduceMean '/f' cannot follow to opset 18: it stands in the local function 'F'", Upgraded.Refused(WithFunction("ReduceMean")));

    static Model WithFunction(string op)
    {
        var proto = new GraphBuilder(15).Input("x", 2, 3).Add(Node.Create("F", "call", ["x"], ["y"], "local")).Output("y").Build().ToProto();
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        var function = new FunctionProto { Name = "F", Domain = "local", Input = { "a" }, Output = { "b" } };
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 15 });
        function.Node.Add(new NodeProto { Name = "/f", OpType = op, Input = { "a" }, Output = { "b" } });
        proto.Functions.Add(function);
        return Model.Of(proto);
    }

    /// <summary>A body that reads the outer <c>x</c>.</summary>
    static GraphProto Body(string name, string op, string? inner)
    {
        var body = new GraphProto { Name = name };
        var first = inner is null ? "x" : inner;
        if (inner is not null)
            body.Node.Add(new NodeProto { OpType = "Relu", Input = { "x" }, Output = { inner } });
        var node = Node.Create(op, $"/{name}", [first], [$"{name}_y"]).With("axes", (long[])[1]);
        node.Proto.Name = op == "NoSuchOperator" ? $"/{name}" : "/y";
        body.Node.Add(node.Proto);
        body.Output.Add(new ValueInfoProto { Name = $"{name}_y", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } });
        return body;
    }

    static (int From, int To, bool Succeeded) Outcome(OpsetUpgradeResult result) => (result.From, result.To, result.Succeeded);
}
