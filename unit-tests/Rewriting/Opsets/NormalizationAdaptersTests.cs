using Compress.Data;
using Compress.Models;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Rewriting.Opsets;

public class NormalizationAdaptersTests
{
    [Theory]
    [InlineData(7)]
    [InlineData(9)]
    public void BatchNormalization_keeps_one_output_and_loses_spatial(int opset)
    {
        var node = Node.Create("BatchNormalization", "bn", ["x", "g", "b", "m", "v"], ["y"]).With("epsilon", 0.01f);
        if (opset < 9)
            node.With("spatial", 1);

        var upgraded = Upgraded.Same(Normalized(opset, node).Build()).Graph.Producer("y")!;

        Assert.Equal(["y"], upgraded.Outputs);
        Assert.False(upgraded.Has("spatial"));
    }

    [Fact]
    public void BatchNormalization_of_each_element_is_refused()
    {
        var model = Normalized(8, Node.Create("BatchNormalization", "bn", ["x", "g", "b", "m", "v"], ["y"]).With("spatial", 0)).Build();

        Assert.Contains("BatchNormalization 'bn' cannot follow to opset 9", Upgraded.Refused(model));
    }

    [Fact]
    public void BatchNormalization_that_trains_is_refused_though_nothing_reads_its_statistics()
    {
        var model = Normalized(9, Node.Create("BatchNormalization", "bn", ["x", "g", "b", "m", "v"], ["y", "m2", "v2", "m3", "v3"])).Build();

        Assert.Contains("BatchNormalization 'bn' cannot follow to opset 14", Upgraded.Refused(model));
        Upgraded.To(model, 13);
    }

    [Theory]
    [MemberData(nameof(Softmaxes))]
    public void Softmaxes_over_several_axes_go_over_the_rows_of_a_matrix(string op, int? axis)
    {
        var model = new GraphBuilder(11).Input("x", 2, 3, 4).Node("Relu", ["x"], "r")
            .Node(op, ["r"], "y", node => _ = axis is { } given ? node.With("axis", given) : node).Output("y").Build();

        var upgraded = Upgraded.Same(model);

        // The last axis needs no matrix.
        Assert.Equal(axis is 2 or -1 ? 2 : 5, upgraded.Graph.Nodes.Count);
    }

    public static TheoryData<string, int?> Softmaxes()
    {
        var data = new TheoryData<string, int?>();
        foreach (var op in (string[])["Softmax", "LogSoftmax", "Hardmax"])
        {
            foreach (var axis in (int?[])[null, 0, 1, 2, -1, -2])
                data.Add(op, axis);
        }

        return data;
    }

    [Fact]
    public void Softmax_of_an_input_without_a_rank_is_right_as_well()
    {
        var builder = new GraphBuilder(9).Input("x", 2, 6).InputOf(Onnx.TensorProto.Types.DataType.Int64, "shape", -1)
            .Node("Reshape", ["x", "shape"], "r").Node("Softmax", ["r"], "y").Output("y");
        var model = builder.Build();
        var inputs = new Dictionary<string, DataTensor>
        {
            ["x"] = DataTensor.Of(new GraphBuilder(seed: 3).Normal(12), [2, 6]),
            ["shape"] = new DataTensor(Onnx.TensorProto.Types.DataType.Int64, [3], (long[])[2, 3, 2]),
        };

        Upgraded.Same(model, inputs);
    }

    [Fact]
    public void GroupNormalization_scales_channels_as_it_scaled_groups() => Upgraded.Same(new GraphBuilder(18).Input("x", 2, 6, 4).Random("s", 1, 3).Random("b", 1, 3)
        .Node("GroupNormalization", ["x", "s", "b"], "y", node => node.With("num_groups", 3)).Output("y").Build(), tolerance: 1e-6);

    static GraphBuilder Normalized(int opset, Node node) => new GraphBuilder(opset).Input("x", 2, 3, 4).Random("g", 1, 3).Random("b", 1, 3).Random("m", 1, 3)
        .Constant("v", [0.5f, 1f, 2f]).Add(node).Output("y");
}
