using Compress.Execution;
using Compress.Models;
using Compress.Onnx;
using Compress.Pruning;
using Compress.Rewriting;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Pruning;

public class ChannelAnalysisTests
{
    public static TheoryData<string> Families => [.. RandomNetwork.Families.Keys];

    [Theory]
    [MemberData(nameof(Families))]
    public void A_pruned_network_equals_the_masked_original(string family)
    {
        var build = RandomNetwork.Families[family];
        for (var seed = 0; seed < 30; seed++)
        {
            foreach (var share in (double[])[0.3, 0.5, 0.8, 0.999])
            {
                var model = build(seed);
                try
                {
                    var removed = MaskedEquivalence.Check(model, share, seed, Samples.For(model));
                    Assert.True(removed > 0 || share < 0.8, "nothing went");
                }
                catch (Exception exception)
                {
                    Assert.Fail($"{family}, seed {seed}, {share:p0}: {exception.Message}");
                }
            }
        }
    }

    [Theory]
    [InlineData("lenet", 0.3)]
    [InlineData("lenet", 0.999)]
    [InlineData("resnet", 0.3)]
    [InlineData("resnet", 0.5)]
    [InlineData("resnet", 0.999)]
    public void A_pruned_sample_equals_the_masked_original(string name, double share)
    {
        using var model = Model.Load(Repository.PathOf("samples", "fashion-mnist", "models", $"fmnist-{name}.onnx"));
        Rewriter.Run(model);

        Assert.True(MaskedEquivalence.Check(model, share, 5, Samples.For(model)) > 0);
    }

    [Fact]
    public void Layers_behind_a_concatenation_are_coupled_to_those_whose_channels_they_meet()
    {
        var builder = Image().Conv("x", "a", 3, 8).Conv("x", "b", 3, 4).Node("Concat", ["a", "b"], "ab", node => node.With("axis", 1))
            .Conv("x", "c", 3, 12).Node("Add", ["ab", "c"], "sum").Conv("sum", "y", 12, 4);

        var groups = Groups(builder);

        Assert.Equal(["8 of /a, /c by /sum for /y", "4 of /b, /c by /sum for /y"], groups.Where(group => group.PinnedBy is null).Select(Text));
    }

    [Fact]
    public void A_channel_names_its_entries_in_every_constant()
    {
        var builder = Image().Conv("x", "a", 3, 8).Conv("x", "b", 3, 4).Node("Concat", ["a", "b"], "ab", node => node.With("axis", 1))
            .Node("Flatten", ["ab"], "f").Gemm("f", "y", 12 * 64, 3);

        var group = Groups(builder).Single(group => group.Producers[0].Node.Name == "/b");

        Assert.Equal(
            ["/b 1 0 2..2", "/y 1 1 640..703", "/b 2 0 2..2"],
            group.Entries(2).Select(entry => $"{entry.Node.Name} {entry.Input} {entry.Axis} {entry.Indices[0]}..{entry.Indices[^1]}"));
    }

    [Fact]
    public void Only_those_channels_are_pinned_that_reach_what_pins_them()
    {
        var builder = Image().Conv("x", "a", 3, 8).Constant("sizes", [3L, 5])
            .Add(Node.Create("Split", "/split", ["a", "sizes"], ["y", "rest"]).With("axis", 1)).Conv("rest", "z", 5, 4);

        var groups = Groups(builder.Output("z"));

        Assert.Equal(
            [(3, "its channels reach the graph output 'y'"), (5, null)],
            groups.Where(group => group.Producers[0].Node.Name == "/a").Select(group => (group.Channels, group.PinnedBy)));
    }

    [Fact]
    public void Channels_of_an_attention_head_are_one()
    {
        var builder = new GraphBuilder().Input("x", 1, 5, 6).Constant("heads", [1L, 5, 3, 4]).Constant("flat", [1L, 5, 12]);
        foreach (var (name, order) in new[] { ("q", new long[] { 0, 2, 1, 3 }), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3]) })
        {
            builder.Random(name + ".w", 0.4f, 6, 12).Node("MatMul", ["x", name + ".w"], name).Node("Reshape", [name, "heads"], name + "h")
                .Node("Transpose", [name + "h"], name + "t", node => node.With("perm", order));
        }

        builder.Node("MatMul", ["qt", "kt"], "scores").Node("Softmax", ["scores"], "weights", node => node.With("axis", 3)).Node("MatMul", ["weights", "vt"], "c")
            .Node("Transpose", ["c"], "ct", node => node.With("perm", 0, 2, 1, 3)).Node("Reshape", ["ct", "flat"], "f").Random("o", 0.4f, 12, 6).Node("MatMul", ["f", "o"], "y");

        var group = Assert.Single(Groups(builder), group => group.PinnedBy is null);

        Assert.Equal(("3 of /q, /k, /v by /qh, /kh, /vh, /scores, /c for /y", 4), (Text(group), group.Width));
        Assert.Equal([4, 5, 6, 7], group.Producers[0].Indices[1]);
    }

    [Fact]
    public void Groups_of_a_convolution_keep_as_many_channels_each()
    {
        var groups = Groups(Image().Conv("x", "a", 3, 8).Conv("a", "b", 8, 12, group: 4).Conv("b", "y", 12, 4));

        Assert.Equal([("2 of /a by /b for /b", 4), ("3 of /b by /b for /y", 4)], groups.Where(group => group.PinnedBy is null).Select(group => (Text(group), group.Width)));
    }

    [Theory]
    [InlineData("LayerNormalization", "its channels are normalized together by LayerNormalization '/n'")]
    [InlineData("Softmax", "its channels are normalized together by Softmax '/n'")]
    [InlineData("ReduceMean", "its channels are reduced to one number by ReduceMean '/n'")]
    [InlineData("CumSum", "its channels feed CumSum '/n', whose effect on channels is not known")]
    public void What_mixes_channels_pins_them(string op, string reason)
    {
        var builder = new GraphBuilder().Input("x", 1, 6).Gemm("x", "a", 6, 8).Random("scale", 1, 8).Constant(Tensor.Scalar("one", 1L));
        builder = op switch
        {
            "LayerNormalization" => builder.Node(op, ["a", "scale"], "n"),
            "CumSum" => builder.Node(op, ["a", "one"], "n"),
            "ReduceMean" => builder.Node(op, ["a"], "n", node => node.With("axes", [1L])),
            _ => builder.Node(op, ["a"], "n"),
        };

        Assert.Equal(reason, Groups(builder.Node("Add", ["n", "scale"], "m").Random("w", 1, 8, 2).Node("MatMul", ["m", "w"], "y"))[0].PinnedBy);
    }

    [Fact]
    public void What_a_branch_reads_is_pinned()
    {
        var then = new GraphProto { Name = "then" };
        then.Node.Add(Node.Create("Relu", "/inner", ["a"], ["r"]).Proto);
        then.Output.Add(new ValueInfoProto { Name = "r", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } } });
        var otherwise = then.Clone();
        otherwise.Node[0].OpType = "Neg";
        var builder = Image().Conv("x", "a", 3, 8).Constant(Tensor.Scalar("yes", true))
            .Add(Node.Create("If", "/if", ["yes"], ["b"]).With("then_branch", then).With("else_branch", otherwise)).Conv("b", "y", 8, 4);

        Assert.Equal("its channels are read inside If '/if'", Groups(builder)[0].PinnedBy);
    }

    [Fact]
    public void A_written_size_that_something_else_reads_as_well_stays()
    {
        // The 8 of the shape is the number of channels, and what the result is multiplied with.
        var builder = Image().Conv("x", "a", 3, 8).Constant("n", [1L]).Constant("channels", [8L]).Constant("hw", [64L])
            .Node("Identity", ["channels"], "c").Node("Concat", ["n", "c", "hw"], "size", node => node.With("axis", 0)).Node("Reshape", ["a", "size"], "r")
            .Node("Cast", ["c"], "factor", node => node.With("to", 1)).Node("ReduceMean", ["r"], "m", node => node.With("axes", [2L]).With("keepdims", 0))
            .Gemm("m", "g", 8, 4).Node("Mul", ["g", "factor"], "y");

        Assert.Contains("used for something else as well", Groups(builder)[0].PinnedBy);
    }

    [Fact]
    public void Constants_that_others_share_stay_for_them()
    {
        // One scale for two groups, and one shape for two flattened branches, of which only one gets smaller.
        Model Build() => Image().Random("scale", 1, 8, 1, 1).Constant("size", [1L, 512]).Conv("x", "a", 3, 8).Conv("x", "b", 3, 8)
            .Node("Mul", ["a", "scale"], "as").Node("Mul", ["b", "scale"], "bs").Node("Reshape", ["as", "size"], "af").Node("Reshape", ["bs", "size"], "bf")
            .Gemm("af", "ay", 512, 4).Gemm("bf", "by", 512, 4).Node("Add", ["ay", "by"], "y").Output("y").Build();
        var model = Build();
        var dependencies = ChannelAnalysis.Find(model.Graph, Shapes(model));
        var group = dependencies.Groups.Single(group => group.Producers[0].Node.Name == "/a");

        MaskedEquivalence.Check(model, dependencies, new Dictionary<ChannelGroup, int[]> { [group] = [1, 4, 6] }, Samples.For(model));
    }

    static GraphBuilder Image() => new GraphBuilder().Input("x", 1, 3, 8, 8);

    static IReadOnlyList<ChannelGroup> Groups(GraphBuilder builder)
    {
        var model = builder.Output("y").Build();
        return ChannelAnalysis.Find(model.Graph, Shapes(model)).Groups;
    }

    static TensorShapes Shapes(Model model) => ShapeTrace.Run(model, Samples.For(model), threads: 1);

    static string Text(ChannelGroup group) => $"{group.Channels} of {Names(group.Producers.Select(slice => slice.Node))} by {Names(group.CoupledBy)} "
        + $"for {Names(group.Consumers.Select(slice => slice.Node))}";

    static string Names(IEnumerable<Node> nodes) => string.Join(", ", nodes.Select(node => node.Name));
}
