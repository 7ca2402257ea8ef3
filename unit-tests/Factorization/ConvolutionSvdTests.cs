using Compress.Data;
using Compress.Diagnostics;
using Compress.Factorization;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.UnitTests.Support;
using CsCheck;

namespace Compress.UnitTests.Factorization;

/// <summary>SVD and CP of convolutions, and what is decomposed part by part: groups and batches.</summary>
public class ConvolutionSvdTests
{
    static readonly FactorizeSettings Spatial = new(RankRule.Rank, 0, [], Axis: SvdAxis.Spatial);

    public static TheoryData<long[], long[]?, long[], string> Geometries => new()
    {
        { [1, 1], [1, 1, 1, 1], [1, 1], "NOTSET" },
        { [2, 1], [0, 2, 1, 0], [1, 1], "NOTSET" },
        { [1, 2], [3, 0, 0, 1], [1, 2], "NOTSET" },
        { [2, 2], null, [1, 1], "SAME_UPPER" },
        { [3, 2], null, [1, 1], "SAME_LOWER" },
        { [1, 1], null, [1, 1], "VALID" },
    };

    /// <summary>A kernel of rank two along either cut: factors of that rank give what the layer gave.</summary>
    [Theory]
    [MemberData(nameof(Geometries))]
    public void Factors_of_the_true_rank_give_what_the_layer_gave(long[] strides, long[]? pads, long[] dilations, string autoPad)
    {
        var kernel = Separable(outputs: 16, inputs: 12, height: 3, width: 5, rank: 2);
        foreach (var (technique, settings, parts) in new (LowRankTechnique, FactorizeSettings, string[])[]
        {
            (new SvdFactorization(), LowRank.Rank(2), ["/y/svd_in", "/y/svd_out"]),
            (new SvdFactorization(), Spatial with { Ranks = [2] }, ["/y/svd_in", "/y/svd_out"]),
            (new CpFactorization(), LowRank.Rank(2), ["/y/cp_in", "/y/cp_first", "/y/cp_second", "/y/cp_out"]),
        })
        {
            var model = new GraphBuilder().Input("x", -1, 12, 11, 13).Constant("w", kernel, 16, 12, 3, 5).Random("b", 1, 16).Node("Conv", ["x", "w", "b"], "y", node =>
            {
                node.With("strides", strides).With("dilations", dilations).With("auto_pad", autoPad);
                if (pads is not null)
                    node.With("pads", pads);
            }).Output("y").Build();
            var input = new GraphBuilder(seed: 3).Normal(12 * 11 * 13);
            var expected = Ort.Run(model, "x", input, 1, 12, 11, 13);

            var change = Assert.Single(LowRank.Apply(technique, model, settings, [1, 12, 11, 13]));

            Assert.Null(change.Skipped);
            Assert.Equal(parts, model.Graph.Nodes.Select(node => node.Name));
            Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, "x", input, 1, 12, 11, 13)), 0, technique.Kind == "cp" ? 2e-2 : 1e-5);
            Assert.Equal(LayerCatalog.List(model.Graph, LowRank.Context(model, [1, 12, 11, 13]).MeasureShapes(model)).Sum(layer => layer.Macs), change.After!.Macs);
        }
    }

    [Theory]
    [InlineData(SvdAxis.Channel, 12)]
    [InlineData(SvdAxis.Spatial, 24)]
    public void Full_rank_reproduces_the_layer(SvdAxis axis, int rank)
    {
        var model = new GraphBuilder().Input("x", -1, 8, 9, 9).Conv("x", "y", 8, 12).Output("y").Build();
        var input = new GraphBuilder(seed: 3).Normal(8 * 81);
        var expected = Ort.Run(model, "x", input, 1, 8, 9, 9);
        var layer = LayerCatalog.List(model.Graph, TensorShapes.None)[0];

        var factored = SvdForm.Of(model.Graph, layer, axis, null).At(rank);
        foreach (var weight in factored.Replacement.Weights)
            model.Graph.Add(weight);
        model.Graph.Replace(layer.Node, factored.Replacement.Nodes);

        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, "x", input, 1, 8, 9, 9)), 0, 1e-5);
        Assert.InRange(factored.WeightError, 0, 1e-6);
    }

    /// <summary>The error that is reported is what the factors multiplied out are off by.</summary>
    [Fact]
    public void Each_group_of_a_convolution_is_decomposed_by_itself()
    {
        foreach (var (technique, settings) in new (LowRankTechnique, FactorizeSettings)[]
        {
            (new TuckerFactorization(), LowRank.Rank(6, 7)), (new SvdFactorization(), LowRank.Rank(7)), (new SvdFactorization(), Spatial with { Ranks = [6] }),
        })
        {
            // Every group is of low rank by itself; a kernel for all of them together is not.
            float[] weight = [.. Enumerable.Range(0, 3).SelectMany(group => technique is SvdFactorization && settings.Axis == SvdAxis.Spatial
                ? Separable(16, 12, 3, 3, rank: 6, seed: group + 1) : LowRank.Kernel(16, 12, 9, 6, 7, seed: group + 1))];
            var model = new GraphBuilder().Input("x", -1, 36, 8, 8).Constant("w", weight, 48, 12, 3, 3).Random("b", 1, 48)
                .Node("Conv", ["x", "w", "b"], "y", node => node.With("group", 3).With("strides", 2, 1)).Output("y").Build();
            var input = new GraphBuilder(seed: 3).Normal(36 * 64);
            var expected = Ort.Run(model, "x", input, 1, 36, 8, 8);

            var change = Assert.Single(LowRank.Apply(technique, model, settings, [1, 36, 8, 8]));

            Assert.Null(change.Skipped);
            Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, "x", input, 1, 36, 8, 8)), 0, 1e-4);
            var after = LayerCatalog.List(model.Graph, LowRank.Context(model, [1, 36, 8, 8]).MeasureShapes(model));
            Assert.All(after, layer => Assert.Equal(3, layer.Groups));
            Assert.Equal((after.Sum(layer => layer.Macs), after.Sum(layer => layer.Parameters)), (change.After!.Macs, change.After.Parameters));
        }
    }

    [Fact]
    public void The_matrices_of_a_batch_are_decomposed_one_by_one() =>
        Gen.Select(Gen.Int[5, 20], Gen.Int[5, 20], Gen.Int[1, 3], Gen.Bool).Sample((inputs, outputs, batch, weightIsRight) =>
        {
            int[] size = weightIsRight ? [inputs, outputs] : [outputs, inputs];
            float[] weight = [.. Enumerable.Range(0, batch).SelectMany(i => LowRank.Matrix(size[0], size[1], 2, seed: i + 1))];
            int[] x = weightIsRight ? [2, batch, 3, inputs] : [2, batch, inputs, 3];
            var model = new GraphBuilder().Input("x", x).Constant("w", weight, batch, size[0], size[1])
                .Node("MatMul", weightIsRight ? ["x", "w"] : ["w", "x"], "y").Output("y").Build();
            var input = new Dictionary<string, DataTensor> { ["x"] = DataTensor.Of(new GraphBuilder(seed: 8).Normal(x.Aggregate(1, (a, b) => a * b)), x) };
            var expected = Ort.Run(model, input);

            var change = Assert.Single(LowRank.Apply(new SvdFactorization(), model, LowRank.Rank(2), x));

            Assert.Null(change.Skipped);
            Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, input)), 0, 1e-5);
            Assert.Equal(LayerCatalog.List(model.Graph, LowRank.Context(model, x).MeasureShapes(model)).Sum(layer => layer.Macs), change.After!.Macs);
        }, iter: 20, threads: 1);

    /// <summary>Inputs whose channels are mixed of few: on them, and only on them, a kernel of any rank can be replaced by one of low rank.</summary>
    [Theory]
    [InlineData(SvdAxis.Spatial)]
    [InlineData(null)]
    public void On_channels_that_copy_one_another_data_finds_what_weights_do_not_show(SvdAxis? axis)
    {
        var builder = new GraphBuilder(seed: 5).Input("x", -1, 2, 9, 9).Random("mix", 1, 10, 2, 1, 1).Node("Conv", ["x", "mix"], "a")
            .Conv("a", "b", 10, 16).Relu("b", "r").Conv("r", "y", 16, 3).Output("y");
        var model = builder.Build();
        var data = new ArrayDataSet("x", builder.Normal(48 * 162), [2, 9, 9]);
        var asked = new Planned<FactorizeSettings>(axis is null ? LowRank.Rank(24) : Spatial with { Ranks = [6] }, new SourcePosition("p"), false);
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None)
            .Select(layer => layer.Node.Output() != "b" ? new LayerPlan(layer) : axis is null ? new LayerPlan(layer, Cp: asked) : new LayerPlan(layer, Svd: asked))]);
        LowRankTechnique technique = axis is null ? new CpFactorization() : new SvdFactorization();

        var change = Assert.Single(technique.Apply(model, plan, LowRank.Context(model.Clone(), calibration: data)));

        Assert.Null(change.Skipped);
        Assert.True(change.ErrorBefore > 3 * change.Error, $"{change.ErrorBefore} against {change.Error}");
    }

    /// <summary>‖W − Ŵ‖ is at least what the mode unfoldings' spectra leave out beyond R (Eckart and Young 1936).</summary>
    [Fact]
    public void The_error_of_cp_is_that_of_what_it_reconstructs()
    {
        var kernel = KernelTensor.Of(new GraphBuilder().Normal(20 * 15 * 9), 20, 15, 9);

        foreach (var rank in (int[])[4, 12])
        {
            var cp = new CpAlternation(kernel, 3, 3).Run(rank, seed: 1);

            var (given, found) = (kernel.ToFloats(), cp.Reconstruct().Values.ToArray());
            var difference = Math.Sqrt(given.Zip(found, (one, other) => ((double)one - other) * (one - other)).Sum() / kernel.SquaredNorm);
            Assert.Equal(difference, cp.RelativeError, 4);
            var spectrum = new HigherOrderSvd(kernel).SquaredSingularValues(Mode.Output);
            Assert.True(cp.RelativeError >= Math.Sqrt(spectrum.Skip(rank).Sum() / spectrum.Sum()));
            Assert.True(cp.RelativeError < 1);
        }
    }

    /// <summary>A sum of outer products of four vectors, of which each cut has the rank.</summary>
    static float[] Separable(int outputs, int inputs, int height, int width, int rank, int seed = 4)
    {
        var random = new GraphBuilder(seed: seed);
        var kernel = new float[outputs * inputs * height * width];
        for (var r = 0; r < rank; r++)
        {
            var (a, b, c, d) = (random.Normal(outputs), random.Normal(inputs), random.Normal(height), random.Normal(width));
            for (var i = 0; i < kernel.Length; i++)
                kernel[i] += a[i / (inputs * height * width)] * b[i / (height * width) % inputs] * c[i / width % height] * d[i % width];
        }

        return kernel;
    }
}
