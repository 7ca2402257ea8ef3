using Compress.Models;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Rewriting.Opsets;

public class AxesAdaptersTests
{
    [Theory]
    [InlineData(7)]
    [InlineData(11)]
    public void Squeeze_and_unsqueeze_take_their_axes_as_input(int opset)
    {
        var model = new GraphBuilder(opset).Input("x", 1, 3, 1).Node("Squeeze", ["x"], "s", node => node.With("axes", (long[])[2]))
            .Node("Unsqueeze", ["s"], "y", node => node.With("axes", 0, 3)).Output("y").Build();

        var upgraded = Upgraded.Same(model);

        Assert.Equal([0L, 3L], upgraded.Graph.Initializer(upgraded.Graph.Producer("y")!.Input(1))!.Integers());
    }

    [Fact]
    public void Squeeze_without_axes_still_squeezes_every_axis_of_size_one() =>
        Upgraded.Same(new GraphBuilder(9).Input("x", 1, 3, 1).Node("Squeeze", ["x"], "y").Output("y").Build());

    [Theory]
    [MemberData(nameof(Reductions))]
    public void Reductions_take_their_axes_as_input(string op) => Upgraded.Same(new GraphBuilder(11).Input("x", 2, 3, 4)
        .Node("Exp", ["x"], "e").Node(op, ["e"], "y", node => node.With("axes", 1, 2).With("keepdims", 0)).Output("y").Build());

    [Theory]
    [MemberData(nameof(Reductions))]
    public void Reductions_without_axes_still_go_over_all_of_them(string op) =>
        Upgraded.Same(new GraphBuilder(8).Input("x", 2, 3, 4).Node("Exp", ["x"], "e").Node(op, ["e"], "y").Output("y").Build());

    public static TheoryData<string> Reductions() =>
    [
        "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Split_takes_its_sizes_as_input_or_the_number_of_its_parts(bool sizes)
    {
        var split = Node.Create("Split", "split", ["x"], ["a", "b"]).With("axis", 1);
        var model = new GraphBuilder(10).Input("x", 2, 6).Add(sizes ? split.With("split", 2, 4) : split)
            .Node("Concat", ["b", "a"], "y", node => node.With("axis", 1)).Output("y").Build();

        var upgraded = Upgraded.Same(model);

        var node = upgraded.Graph.Producer("a")!;
        Assert.Equal(!sizes, node.Has("num_outputs"));
        Assert.Equal(sizes, node.Input(1).Length > 0);
    }
}
