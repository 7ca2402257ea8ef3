using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Policies;

public class LayerMatchTests
{
    static readonly IReadOnlyList<Layer> Layers = LayerCatalog.List(
        new GraphBuilder().Input("x", -1, 4, 8, 8)
            .Conv("x", "first", 4, 8)
            .Conv("first", "depth", 8, 8, group: 8)
            .Conv("depth", "point", 8, 16, kernel: 1)
            .Gemm("point", "dense", 16, 10)
            .Output("dense").Build().Graph,
        TensorShapes.None);

    [Fact]
    public void Each_condition_chooses_layers_by_what_it_says()
    {
        Assert.Equal(["/first"], Matched(new LayerMatch { Name = new Glob("/f*") }));
        Assert.Equal(["/dense"], Matched(new LayerMatch { Op = "Gemm" }));
        Assert.Equal(["/first", "/depth"], Matched(new LayerMatch { Kernel = [3, 3] }));
        Assert.Equal(["/depth"], Matched(new LayerMatch { Group = 8 }));
        Assert.Equal(["/first", "/point", "/dense"], Matched(new LayerMatch { Depthwise = false }));
        Assert.Equal(["/depth"], Matched(new LayerMatch { Index = 1 }));
        Assert.Equal(["/dense"], Matched(new LayerMatch { Index = -1 }));
        Assert.Equal(["/first", "/dense"], Matched(new LayerMatch { MinParameters = 170 }));
        Assert.Equal(["/depth", "/point"], Matched(new LayerMatch { MaxParameters = 169 }));
    }

    [Fact]
    public void Conditions_must_all_hold_and_none_of_the_exceptions()
    {
        var match = new LayerMatch { Op = "Conv", Kernel = [3, 3], Not = [new LayerMatch { Depthwise = true }, new LayerMatch { Index = 7 }] };

        Assert.Equal(["/first"], Matched(match));
    }

    [Fact]
    public void A_match_reads_as_words()
    {
        var match = new LayerMatch
        {
            Name = new Glob("/layer2/*/Conv"),
            Op = "Conv",
            Kernel = [3, 3],
            Group = 2,
            Depthwise = false,
            Index = -1,
            MinParameters = 10,
            MaxParameters = 20,
            Not = [new LayerMatch { Depthwise = true, Op = "Conv" }],
        };

        Assert.Equal(
            "/layer2/*/Conv, op Conv, kernel 3x3, group 2, not depthwise, index -1, at least 10 parameters, at most 20 parameters, not (op Conv, depthwise)",
            match.ToString());
    }

    static IEnumerable<string> Matched(LayerMatch match) => Layers.Where(layer => match.Matches(layer, Layers.Count)).Select(layer => layer.Name);
}
