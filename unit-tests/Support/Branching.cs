using Compress.Data;
using Compress.Models;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Support;

/// <summary>Models with layers in the bodies of control flow.</summary>
static class Branching
{
    /// <summary>
    /// x → Conv /a → Conv /b → If /if → y. One branch convolves with the weight of /b and normalizes; the other has a weight in a Constant node, and
    /// one of its own.
    /// </summary>
    public static Model Model()
    {
        var builder = new GraphBuilder().Input("x", -1, 3, 8, 8).InputOf(DataType.Bool, "flag", 1).Conv("x", "a", 3, 4).Random("shared", 0.2f, 4, 4, 3, 3)
            .Node("Conv", ["a", "shared"], "b", node => node.With("pads", 1, 1, 1, 1))
            .Constant("gamma", [2f, 3f, 4f, 5f]).Constant("beta", [1f, 0f, -1f, 2f]).Constant("mean", [0.1f, 0.2f, 0.3f, 0.4f]).Constant("variance", [1f, 2f, 3f, 4f]);
        var then = new GraphBuilder(seed: 2).Node("Identity", ["b"], "t0").Node("Conv", ["t0", "shared"], "t1", node => node.With("pads", 1, 1, 1, 1))
            .Node("Dropout", ["t1"], "t2").Node("BatchNormalization", ["t2", "gamma", "beta", "mean", "variance"], "t").Output("t");
        var other = new GraphBuilder(seed: 3).Node("Constant", [], "k", node => node.With("value", Tensor.Of<float>("", builder.Normal(16, 0.5f), 4, 4, 1, 1)))
            .Node("Conv", ["b", "k"], "e0").Conv("e0", "e", 4, 4).Output("e");
        return builder.Add(Node.Create("If", "/if", ["flag"], ["y"]).With("then_branch", then.Body()).With("else_branch", other.Body())).Output("y", -1, 4, 8, 8).Build();
    }

    /// <summary>x → Loop /loop, three turns, each a MatMul with the outer weight and an If in which one branch does the same again → y.</summary>
    public static Model Nested()
    {
        var again = new GraphBuilder(seed: 4).Node("MatMul", ["h", "w"], "again").Output("again");
        var scale = new GraphBuilder(seed: 5).Constant("half", [0.5f]).Node("Mul", ["h", "half"], "scaled").Output("scaled");
        var body = new GraphBuilder(seed: 6).InputOf(DataType.Int64, "turn", 1).InputOf(DataType.Bool, "go", 1).Input("state", 1, 6)
            .Node("Identity", ["go"], "go_on").Node("MatMul", ["state", "w"], "h")
            .Add(Node.Create("If", "/choice", ["flag"], ["next"]).With("then_branch", again.Body()).With("else_branch", scale.Body()))
            .OutputOf(DataType.Bool, "go_on", 1).Output("next", 1, 6).Body();
        body.Input[0].Type.TensorType.Shape.Dim.Clear();
        return new GraphBuilder().Input("x", 1, 6).InputOf(DataType.Bool, "flag", 1).Random("w", 0.4f, 6, 6).Constant("turns", [3L])
            .Constant("true", [true]).Add(Node.Create("Loop", "/loop", ["turns", "true", "x"], ["y"]).With("body", body)).Output("y", 1, 6).Build();
    }

    /// <summary>x → Loop /loop, three turns that look up rows of an outer table and multiply by a weight of the body's own → y.</summary>
    public static Model Lookup()
    {
        var body = new GraphBuilder(seed: 6).InputOf(DataType.Int64, "turn", 1).InputOf(DataType.Bool, "go", 1).Input("state", 1, 32)
            .Random("own", 0.2f, 32, 32).Node("Identity", ["go"], "go_on").Node("Gather", ["table", "turn"], "row")
            .Node("Add", ["state", "row"], "sum").Node("MatMul", ["sum", "own"], "next").OutputOf(DataType.Bool, "go_on", 1).Output("next", 1, 32).Body();
        body.Input[0].Type.TensorType.Shape.Dim.Clear();
        return new GraphBuilder().Input("x", 1, 32).InputOf(DataType.Bool, "flag", 1).Random("table", 0.4f, 8, 32).Constant("turns", [3L])
            .Add(Node.Create("Loop", "/loop", ["turns", "flag", "x"], ["y"]).With("body", body)).Output("y", 1, 32).Build();
    }

    /// <summary>Random input, with the branch that is taken.</summary>
    public static Dictionary<string, DataTensor> Sample(Model model, bool flag)
    {
        int[] shape = [.. model.Graph.Inputs.First().Type.TensorType.Shape.Dim.Select(size => Math.Max(1, (int)size.DimValue))];
        return new()
        {
            ["x"] = DataTensor.Of(new GraphBuilder(seed: 11).Normal(shape.Aggregate(1, (a, b) => a * b)), shape),
            ["flag"] = new DataTensor(DataType.Bool, [1], new[] { flag }),
        };
    }
}
