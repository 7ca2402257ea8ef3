using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Pruning.Forms;
using Compress.Techniques;
using Compress.UnitTests.Support;

namespace Compress.UnitTests.Pruning;

public class LandingTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 150)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_landing_gives_what_the_masked_kernel_gives(int seed)
    {
        var random = new Random(seed);
        var (model, expected, positions) = Masked(random, axes: 1 + (seed % 3));
        var landings = Landings(model, positions).ToList();
        Assert.NotEmpty(landings);

        foreach (var landing in landings)
        {
            var landed = model.Clone();
            var conv = landed.Graph.Nodes[0];
            var parts = landing.Land(landed.Graph, conv, landed.Graph.Initializer("w")!);
            landed.Graph.RemoveDead();

            Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(landed, Samples.For(model, 0))), 0, 1e-5);
            Assert.All(parts, part => Assert.Contains(part, landed.Graph.Nodes));
        }
    }

    [Fact]
    public void A_product_of_vectors_becomes_two_depthwise_kernels()
    {
        var builder = new GraphBuilder();
        var (columns, rows) = (builder.Normal(6 * 3), builder.Normal(6 * 3));
        float[] weight = [.. Enumerable.Range(0, 54).Select(i => columns[i / 9 * 3 + i % 9 / 3] * rows[i / 9 * 3 + i % 3])];
        weight.AsSpan(9, 9).Clear();
        var model = builder.Input("x", 1, 6, 9, 8).Constant("w", weight, 6, 1, 3, 3).Random("b", 1, 6)
            .Node("Conv", ["x", "w", "b"], "y", node => node.With("group", 6).With("pads", 1, 0, 2, 1).With("strides", 2, 1).With("dilations", 1, 2)).Output("y").Build();
        var expected = Ort.Run(model, Samples.For(model));
        var layer = LayerCatalog.List(model.Graph, TensorShapes.None)[0];
        var landing = SeparableLanding.Of(layer.Weight, ConvGeometry.Of(layer, model.Graph)!);

        Assert.Equal([6, 1, 3, 1], model.Graph.Initializer(landing!.Land(model.Graph, layer.Node, layer.Weight)[0].Input(1))!.Shape);

        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, Samples.For(model))), 0, 1e-5);
        weight[20] += 0.01f;
        Assert.Null(SeparableLanding.Of(Tensor.Of<float>("w", weight, 6, 1, 3, 3), ConvGeometry.Of(layer, model.Graph)!));
    }

    [Theory]
    [InlineData(new[] { 0, 2, 6, 8 }, "a 2x2 kernel with dilation")]
    [InlineData(new[] { 0, 1, 2 }, "a 1x3 kernel")]
    [InlineData(new[] { 4 }, "a 1x1 kernel")]
    [InlineData(new[] { 1, 7 }, "a 2x1 kernel with dilation")]
    public void Positions_at_even_distances_are_a_smaller_kernel(int[] positions, string name)
    {
        var lattice = KernelLattice.Coarsest(positions, [3, 3]);

        Assert.Equal(positions, lattice.Positions([3, 3]));
        Assert.Equal(name, new WindowLanding(lattice, new ConvGeometry([3, 3], [1, 1], [1, 1], [1, 1], [1, 1])).Name);
    }

    [Fact]
    public void The_race_takes_the_smaller_of_two_kernels_that_give_the_same_and_none_that_gives_something_else()
    {
        var builder = new GraphBuilder();
        var weight = builder.Normal(64 * 64 * 25);
        for (var i = 0; i < weight.Length; i++)
            weight[i] = i % 25 == 12 ? weight[i] : 0;
        var model = builder.Input("x", 1, 64, 28, 28).Constant("w", weight, 64, 64, 5, 5)
            .Node("Conv", ["x", "w"], "y", node => node.With("pads", 2, 2, 2, 2)).Output("y").Build();
        var context = new CompressionContext(model.Clone(), Samples.For(model), null) { Threads = 1 };
        var layer = LayerCatalog.List(model.Graph, context.MeasureShapes(model))[0];
        var geometry = ConvGeometry.Of(layer, model.Graph)!;

        // One position of 25: far more than noise.
        ILanding right = new WindowLanding(KernelLattice.Box([12], [5, 5]), geometry), wrong = new WindowLanding(KernelLattice.Box([11], [5, 5]), geometry);

        Assert.Equal(right, LandingRace.Run(model, layer, layer.Weight, [new MaskedLanding(), wrong, right], context).Landing);
        Assert.IsType<MaskedLanding>(LandingRace.Run(model, layer, layer.Weight, [new MaskedLanding(), wrong], context).Landing);
    }

    static IEnumerable<ILanding> Landings(Model model, int[] positions)
    {
        var shapes = ShapeTrace.Run(model, Samples.For(model), 1, default);
        var layer = LayerCatalog.List(model.Graph, shapes)[0];
        var geometry = ConvGeometry.Of(layer, model.Graph)!;
        yield return new MaskedLanding();
        yield return new WindowLanding(KernelLattice.Box(positions, layer.Kernel), geometry);
        yield return new WindowLanding(KernelLattice.Coarsest(positions, layer.Kernel), geometry);
        if (layer.Groups == 1)
            yield return new GatherLanding(positions, geometry);
        if (SeparableLanding.Of(layer.Weight, geometry) is { } separable)
            yield return separable;
    }

    /// <summary>A convolution of random sizes of which some kernel positions are zero, and its output.</summary>
    static (Model Model, float[] Expected, int[] Positions) Masked(Random random, int axes)
    {
        int[] Sizes(int least, int most) => [.. Enumerable.Range(0, axes).Select(_ => random.Next(least, most + 1))];
        var (kernel, strides, dilations) = (Sizes(1, 4), Sizes(1, 3), Sizes(1, 2));
        var group = random.Next(3) == 0 ? 2 : 1;
        int[] input = [2, 4, .. Sizes(9, 12)];
        var count = kernel.Aggregate(1, (a, b) => a * b);
        var positions = Enumerable.Range(0, count).OrderBy(_ => random.Next()).Take(random.Next(1, count + 1)).Order().ToArray();
        var builder = new GraphBuilder(opset: 11, seed: random.Next());
        var weight = builder.Normal(6 * 4 / group * count);
        for (var i = 0; i < weight.Length; i++)
            weight[i] = positions.Contains(i % count) ? weight[i] : 0;
        var mode = random.Next(4) switch { 0 => "SAME_UPPER", 1 => "SAME_LOWER", 2 => "VALID", _ => null };

        // The runtime refuses dilated kernels with these.
        if (mode?.StartsWith("SAME", StringComparison.Ordinal) == true)
            Array.Fill(dilations, 1);

        var model = builder.Input("x", input).Constant("w", weight, [6, 4 / group, .. kernel]).Random("b", 1, 6).Node("Conv", random.Next(2) == 0 ? ["x", "w", "b"] : ["x", "w"], "y", node =>
        {
            node.With("group", group).With("strides", strides.Select(size => (long)size)).With("dilations", dilations.Select(size => (long)size));
            if (mode is null)
                node.With("pads", Enumerable.Range(0, 2 * axes).Select(_ => (long)random.Next(3)));
            else
                node.With("auto_pad", mode);
        }).Output("y").Build();
        return (model, Ort.Run(model, Samples.For(model, 0)), positions);
    }
}
