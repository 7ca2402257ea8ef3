using Compress.Factorization;
using Compress.Layers;
using Compress.Models;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Factorization;

public class TuckerLandingTests
{
    [Theory]
    [InlineData(new long[] { 1, 1 }, new long[] { 1, 1, 1, 1 }, new long[] { 1, 1 }, "NOTSET", true)]
    [InlineData(new long[] { 2, 2 }, new long[] { 1, 1, 1, 1 }, new long[] { 1, 1 }, "NOTSET", true)]
    [InlineData(new long[] { 2, 1 }, new long[] { 0, 2, 1, 0 }, new long[] { 1, 1 }, "NOTSET", false)]
    [InlineData(new long[] { 1, 1 }, new long[] { 2, 2, 2, 2 }, new long[] { 2, 2 }, "NOTSET", true)]
    [InlineData(new long[] { 1, 2 }, new long[] { 3, 0, 0, 1 }, new long[] { 1, 2 }, "NOTSET", false)]
    [InlineData(new long[] { 2, 2 }, null, new long[] { 1, 1 }, "SAME_UPPER", true)]
    [InlineData(new long[] { 2, 2 }, null, new long[] { 1, 1 }, "SAME_LOWER", false)]
    [InlineData(new long[] { 1, 1 }, null, new long[] { 1, 1 }, "VALID", true)]
    public void Full_rank_reproduces_the_layer(long[] strides, long[]? pads, long[] dilations, string autoPad, bool bias)
    {
        var model = Convolution([7, 6, 3, 3], strides, pads, dilations, autoPad, bias);
        var input = new GraphBuilder(seed: 3).Normal(6 * 9 * 10);
        var expected = Ort.Run(model, "x", input, 1, 6, 9, 10);

        Land(model, new TuckerRanks(6, 7));

        Assert.True(Ort.RelativeDifference(expected, Ort.Run(model, "x", input, 1, 6, 9, 10)) < 1e-5);
        Assert.Equal(["/y/tucker_in", "/y/tucker_core", "/y/tucker_out"], model.Graph.Nodes.Select(node => node.Name));
    }

    [Theory]
    [InlineData(5, 8, 1, 1)]
    [InlineData(8, 5, 5, 1)]
    [InlineData(2, 30, 3, 3)]
    [InlineData(30, 2, 3, 3)]
    [InlineData(1, 1, 3, 2)]
    public void Full_rank_reproduces_kernels_of_any_shape(int outputs, int inputs, int height, int width)
    {
        var model = Convolution([outputs, inputs, height, width], [1, 1], [0, 0, 0, 0], [1, 1], "NOTSET", true);
        var input = new GraphBuilder(seed: 3).Normal(inputs * 90);
        var expected = Ort.Run(model, "x", input, 1, inputs, 9, 10);
        var cost = new TuckerCost(inputs, outputs, height * width, 1, 1);

        Land(model, new TuckerRanks(cost.MaxInputRank, cost.MaxOutputRank));

        Assert.True(Ort.RelativeDifference(expected, Ort.Run(model, "x", input, 1, inputs, 9, 10)) < 1e-5);
    }

    static void Land(Model model, TuckerRanks ranks)
    {
        var layer = Assert.Single(LayerCatalog.List(model.Graph, TensorShapes.None));
        var tucker = HigherOrderIteration.Run(new HigherOrderSvd(KernelTensor.Of(layer.Weight)), ranks);
        var replacement = TuckerLanding.Of(model.Graph, layer, tucker);
        foreach (var weight in replacement.Weights)
            model.Graph.Add(weight);
        model.Graph.Replace(layer.Node, replacement.Nodes);
    }

    static Model Convolution(int[] weight, long[] strides, long[]? pads, long[] dilations, string autoPad, bool bias)
    {
        var builder = new GraphBuilder().Input("x", -1, weight[1], 9, 10).Random("w", 1, weight).Random("b", 1, weight[0]);
        string[] inputs = bias ? ["x", "w", "b"] : ["x", "w"];
        return builder.Node("Conv", inputs, "y", node =>
        {
            node.With("strides", strides).With("dilations", dilations).With("auto_pad", autoPad);
            if (pads is not null)
                node.With("pads", pads);
        }).Output("y").Build();
    }
}
