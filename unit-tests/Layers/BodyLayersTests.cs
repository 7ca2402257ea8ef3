using Compress.Diagnostics;
using Compress.Factorization;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Pruning;
using Compress.Quantization;
using Compress.Rewriting;
using Compress.Techniques;
using Compress.UnitTests.Support;
using static Compress.Onnx.TensorProto.Types;

namespace Compress.UnitTests.Layers;

/// <summary>Layers in the bodies of If, Loop and Scan.</summary>
public class BodyLayersTests
{
    const string Then = "/if/then_branch//t1";
    static readonly SourcePosition Somewhere = new("compress.yaml", 3, 5);

    [Fact]
    public void They_are_listed_under_the_names_of_their_owner_and_branch()
    {
        var model = Branching.Model();
        Rewriter.Run(model);

        var layers = LayerCatalog.List(model.Graph, TensorShapes.None);

        Assert.Equal(["/a", "/b", Then, "/if/else_branch//e0", "/if/else_branch//e"], layers.Select(layer => layer.Name));
        Assert.Equal([0, 1, 2, 3, 4], layers.Select(layer => layer.Index));
        Assert.Equal([null, null, "/if", "/if", "/if"], layers.Select(layer => layer.Within?.Name));
        Assert.Equal(16, layers[3].Parameters);
        Assert.Null(layers[4].Macs);
    }

    [Fact]
    public void Deeper_bodies_make_longer_names()
    {
        var layers = LayerCatalog.List(Branching.Nested().Graph, TensorShapes.None);

        Assert.Equal(["/loop/body//h", "/loop/body//choice/then_branch//again"], layers.Select(layer => layer.Name));
        Assert.All(layers, layer => Assert.Equal(36, layer.Parameters));
    }

    [Theory]
    [InlineData("/if/then_branch//t1", 1)]
    [InlineData("/if/*", 3)]
    [InlineData("*/else_branch/*", 2)]
    public void Policies_match_them_by_name_and_by_pattern(string pattern, int count)
    {
        var model = Branching.Model();
        Rewriter.Run(model);
        var layers = LayerCatalog.List(model.Graph, TensorShapes.None);
        var match = new LayerMatch { Name = new Glob(pattern) };

        Assert.Equal(count, layers.Count(layer => match.Matches(layer, layers.Count)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rewriting_reaches_them_and_keeps_what_the_model_computes(bool flag)
    {
        var model = Branching.Model();
        var expected = Ort.Run(model.Clone(), Branching.Sample(model, flag));

        Rewriter.Run(model);

        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(Reloaded(model), Branching.Sample(model, flag))), 0, 1e-5);
        Assert.Equal([["Conv"], ["Conv", "Conv"]], model.Graph.Bodies(model.Graph.Nodes[^1]).Select(body => body.Nodes.Select(node => node.OpType)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Their_weights_can_be_stored_in_int8(bool flag)
    {
        foreach (var model in (Model[])[Branching.Model(), Branching.Nested(), Branching.Lookup()])
        {
            var expected = Ort.Run(model.Clone(), Branching.Sample(model, flag));
            Rewriter.Run(model);

            var changes = new IntegerQuantization().Apply(model, Plan(model, new(Activations: false)), new CompressionContext(model.Clone(), null, null));

            Assert.All(changes, change => Assert.InRange(change.Error!.Value, 1e-4, 0.02));
            Assert.Equal(LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => layer.Name), changes.Select(change => change.Layer));
            Assert.All(LayerCatalog.List(model.Graph, TensorShapes.None), layer => Assert.Equal(DataType.Int8, layer.Weight.Type));
            Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(Reloaded(model), Branching.Sample(model, flag))), 0, 0.05);
        }
    }

    [Fact]
    public void A_weight_that_they_share_with_outer_layers_is_stored_once()
    {
        var model = Branching.Nested();

        new IntegerQuantization().Apply(model, Plan(model, new(Activations: false)), new CompressionContext(model.Clone(), null, null));

        Assert.Equal(["half", "w_q"], model.Graph.WithBodies().SelectMany(graph => graph.Initializers).Where(tensor => tensor.Count is 1 or 36 && tensor.Name is not ("turns" or "true")).Select(tensor => tensor.Name).Order());
        Assert.Null(model.Graph.Initializer("w"));
        Assert.Equal(36 + 1, ModelSize.Parameters(model.Graph));
    }

    [Fact]
    public void A_weight_that_an_outer_layer_shares_stays_for_it_when_the_body_gets_another()
    {
        var model = Branching.Model();
        Rewriter.Run(model);
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None).Where(layer => layer.Name == "/b").Select(layer =>
            new LayerPlan(layer, Quantize: new Planned<QuantizeSettings>(new(Activations: false), Somewhere, true)))]);
        var expected = Ort.Run(model.Clone(), Branching.Sample(model, true));

        new IntegerQuantization().Apply(model, plan, new CompressionContext(model.Clone(), null, null));

        var layers = LayerCatalog.List(model.Graph, TensorShapes.None);
        Assert.Equal([DataType.Float, DataType.Int8, DataType.Float, DataType.Float, DataType.Float], layers.Select(layer => layer.Weight.Type));
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(model, Branching.Sample(model, true))), 1e-5, 0.05);
    }

    [Fact]
    public void Int8_stores_their_weights_and_says_why_they_compute_in_float()
    {
        var model = Branching.Model();
        Rewriter.Run(model);
        var sample = Branching.Sample(model, true);
        var expected = Ort.Run(model.Clone(), sample);

        var changes = new IntegerQuantization().Apply(model, Plan(model, new()), new CompressionContext(model.Clone(), sample, new RepeatedSample(sample)));

        var inBodies = changes.Where(change => change.Layer.StartsWith("/if/", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, inBodies.Count);
        Assert.All(inBodies, change => Assert.Equal("int8 per channel, weights only (it stands in a body of If '/if', where activations are not measured)", change.Settings));
        Assert.InRange(Ort.RelativeDifference(expected, Ort.Run(Reloaded(model), sample)), 0, 0.05);
    }

    [Fact]
    public void What_cannot_be_done_there_is_skipped_with_the_reason()
    {
        foreach (var (technique, reason) in new (ITechnique, string)[]
        {
            (new FilterPruning(), "it stands in a body of If '/if', where channels are not followed"),
            (new SvdFactorization(), "it stands in a body of If '/if', where no layer is factorized"),
            (new TuckerFactorization(), "it stands in a body of If '/if', where no layer is factorized"),
        })
        {
            var model = Branching.Model();
            Rewriter.Run(model);
            var before = Ort.Run(model.Clone(), Branching.Sample(model, true)).Length;
            var context = new CompressionContext(model.Clone(), Branching.Sample(model, true), new RepeatedSample(Branching.Sample(model, true)));

            var changes = technique.Apply(model, Plan(model, new()), context);

            Assert.Equal([reason, reason, reason], changes.Where(change => change.Layer.StartsWith("/if/", StringComparison.Ordinal)).Select(change => change.Skipped));
            Assert.DoesNotContain(technique.Treatable(model, LayerCatalog.List(model.Graph, TensorShapes.None), TensorShapes.None),
                layer => layer.Within is not null);
            Assert.Equal(before, Ort.Run(Reloaded(model), Branching.Sample(model, true)).Length);

            var named = Assert.Throws<CompressException>(() => technique.Apply(model, Plan(model, new(), byName: true, Then), context));
            Assert.Equal("CMP4001", named.Diagnostics[0].Code);
            Assert.Contains($"'{Then}'", named.Diagnostics[0].Message);
            Assert.EndsWith(reason, named.Diagnostics[0].Message);
        }
    }

    static ModelPlan Plan(Model model, QuantizeSettings quantize, bool byName = false, string? only = null)
    {
        var factorize = new Planned<FactorizeSettings>(new FactorizeSettings(RankRule.Rank, 0, [2]), Somewhere, byName);
        return new([.. LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => only is not null && layer.Name != only ? new LayerPlan(layer) : new LayerPlan(layer,
            new Planned<PruneSettings>(new PruneSettings(0.25), Somewhere, byName), factorize, factorize, new Planned<QuantizeSettings>(quantize, Somewhere, byName)))]);
    }

    static Model Reloaded(Model model) => Model.Parse(Google.Protobuf.ByteString.CopyFrom(model.ToBytes()), "m.onnx");
}
