using Compress.Diagnostics;
using Compress.Execution;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Quantization;
using Compress.Techniques;
using Compress.UnitTests.Support;
using CsCheck;

namespace Compress.UnitTests.Quantization;

/// <summary>What holds of every quantized model, on graphs that were drawn at random.</summary>
public class RandomGraphTests
{
    [Fact]
    public void Placement_keeps_its_rules_and_stock_runtime_takes_the_model() => Gen.Select(Gen.Int[1, 100_000], Gen.Bool, Gen.Bool).Sample((seed, perChannel, symmetric) =>
    {
        var (model, builder) = Draw(new Random(seed));
        var data = new ArrayDataSet("x", builder.Normal(6 * 4 * 64), [4, 8, 8]);
        Quantize(model, data, new QuantizeSettings(perChannel, symmetric, RepairAbove: null, TargetCpu: TargetCpu.Vnni));
        var graph = model.Graph;

        var quantizers = graph.Nodes.Where(node => node.IsQuantizer).ToList();
        Assert.Equal(quantizers.Count, quantizers.Select(node => node.Input(0)).Distinct().Count());
        Assert.Equal(0, OptimizedGraph.Count(model.ToProto().Graph).LonePairs);
        Assert.All(quantizers, node => Assert.All(graph.Consumers(node.Output()), reader => Assert.True(reader.IsDequantizer && reader.Input(1) == node.Input(1) && reader.Input(2) == node.Input(2))));
        Assert.DoesNotContain(graph.Outputs, output => graph.Producer(output.Name)!.IsDequantizer);
        Assert.All(quantizers, node => Assert.True(graph.Initializer(node.Input(1))!.Floats()[0] is > 0 and < float.PositiveInfinity));
        // A Concat that is a graph output computes in float.
        foreach (var concat in graph.Nodes.Where(node => node.Is("Concat") && !graph.IsOutput(node.Output()) && node.Inputs.All(input => graph.Producer(input) is { IsDequantizer: true }) && graph.Consumers(node.Output()).Any(reader => reader.IsQuantizer)))
        {
            var scale = graph.Consumers(concat.Output()).First(reader => reader.IsQuantizer).Input(1);
            Assert.All(concat.Inputs, input => Assert.Equal(scale, graph.Producer(input)!.Input(1)));
        }

        foreach (var conv in graph.Nodes.Where(node => node.Is("Conv") && graph.Producer(node.Input(0)) is { IsDequantizer: true }))
        {
            var (input, weight, bias) = (Scale(graph, conv.Input(0)), Scale(graph, conv.Input(1)), Scale(graph, conv.Input(2)));
            Assert.Equal(weight.Select(value => input[0] * value), bias);
        }

        AssertWithinHalfAStep(model, data);
        Assert.All(Ort.Run(model, "x", builder.Normal(256), 1, 4, 8, 8), value => Assert.True(float.IsFinite(value)));
    }, iter: 60, threads: 1);

    /// <summary>What a quantizer and its dequantizer give is the value, clipped to what the integers stand for, to within half a step.</summary>
    static void AssertWithinHalfAStep(Model model, ArrayDataSet data)
    {
        var graph = model.Graph;
        var quantizers = graph.Nodes.Where(node => node.IsQuantizer).ToList();
        var pairs = quantizers.Select(node => (Before: node.Input(0), After: graph.Consumers(node.Output())[0].Output(), Scale: graph.Initializer(node.Input(1))!.Floats()[0], Zero: graph.Initializer(node.Input(2))!)).ToList();
        var batch = data.Read(0, 1);
        using var session = TensorTap.Open(model, pairs.SelectMany(pair => new[] { pair.Before, pair.After }).Where(tensor => !graph.IsInput(tensor)), 1);
        using var result = session.Run(batch);
        foreach (var (before, after, scale, zero) in pairs)
        {
            var isSigned = zero.Type == Compress.Onnx.TensorProto.Types.DataType.Int8;
            var (least, most, z) = isSigned ? (-128, 127, zero.Values<sbyte>()[0]) : (0, 255, (int)zero.Values<byte>()[0]);
            var x = graph.IsInput(before) ? (float[])batch[before].Values : result.Floats(before).ToArray();
            var y = result.Floats(after).ToArray();
            for (var i = 0; i < x.Length; i++)
                Assert.InRange(Math.Abs(Math.Clamp(x[i], (least - z) * scale, (most - z) * scale) - y[i]), 0, (0.5 * scale) + (1e-5 * Math.Abs(x[i])));
        }
    }

    [Fact]
    public void What_the_runtime_runs_in_int8_is_counted()
    {
        var builder = new GraphBuilder(seed: 3).Input("x", -1, 4, 8, 8).Conv("x", "a", 4, 8).Relu("a", "r").Conv("r", "b", 8, 8).Relu("b", "y").Output("y");
        var model = builder.Build();
        using var folder = new TemporaryFolder();
        model.Save(folder.File("float.onnx"));
        var data = new ArrayDataSet("x", builder.Normal(6 * 4 * 64), [4, 8, 8]);
        Quantize(model, data, new QuantizeSettings(RepairAbove: null));
        model.Save(folder.File("int8.onnx"));

        var (before, after) = (OptimizedGraph.Look(folder.File("float.onnx"), 1), OptimizedGraph.Look(folder.File("int8.onnx"), 1));

        Assert.Equal((0, 2, 0, 0), (before.IntegerLayers, before.FloatLayers, before.Crossings, before.LonePairs));
        Assert.Equal((2, 0, 2, 0, 6), (after.IntegerLayers, after.FloatLayers, after.Crossings, after.LonePairs, after.CrossingsWritten));
    }

    [Fact]
    public void A_model_with_external_data_is_looked_at_too()
    {
        var builder = new GraphBuilder(seed: 3).Input("x", -1, 4, 8, 8).Conv("x", "a", 4, 8).Relu("a", "r").Conv("r", "b", 8, 8).Relu("b", "y").Output("y");
        var model = builder.Build();
        Quantize(model, new ArrayDataSet("x", builder.Normal(6 * 4 * 64), [4, 8, 8]), new QuantizeSettings(RepairAbove: null));
        using var folder = new TemporaryFolder();
        ExternalModel.Write(model, folder.File("int8.onnx"));

        var found = OptimizedGraph.Look(folder.File("int8.onnx"), 1);

        Assert.Equal((2, 0, 2, 0, 6), (found.IntegerLayers, found.FloatLayers, found.Crossings, found.LonePairs, found.CrossingsWritten));
    }

    static void Quantize(Model model, ArrayDataSet data, QuantizeSettings settings)
    {
        var planned = new Planned<QuantizeSettings>(settings, new SourcePosition("p"), false);
        var plan = new ModelPlan([.. LayerCatalog.List(model.Graph, TensorShapes.None).Select(layer => new LayerPlan(layer, Quantize: planned))]);
        new IntegerQuantization().Apply(model, plan, new CompressionContext(model.Clone(), data.Read(0, 1), data) { Threads = 1 });
    }

    static float[] Scale(Graph graph, string tensor) => graph.Initializer(graph.Producer(tensor)!.Input(1))!.Floats().ToArray();

    /// <summary>Layers, activations, additions, concatenations and movements, each on tensors drawn from those before.</summary>
    static (Model Model, GraphBuilder Builder) Draw(Random random)
    {
        var builder = new GraphBuilder(seed: random.Next()).Input("x", 1, 4, 8, 8);
        var tensors = new List<(string Name, int Channels)> { ("x", 4) };
        for (var i = 0; i < random.Next(3, 12); i++)
        {
            var (name, (from, channels)) = ($"t{i}", tensors[random.Next(Math.Max(0, tensors.Count - 3), tensors.Count)]);
            var twin = tensors.Where(tensor => tensor.Channels == channels && tensor.Name != from).Select(tensor => tensor.Name).FirstOrDefault();
            switch (random.Next(8))
            {
                case 0 when twin is not null:
                    builder.Node("Add", [from, twin], name);
                    break;
                case 1 when twin is not null && channels <= 16:
                    builder.Node("Concat", [from, twin], name, node => node.With("axis", 1));
                    channels *= 2;
                    break;
                case 2:
                    builder.Relu(from, name);
                    break;
                case 3:
                    builder.Constant(name + ".low", [0f], []).Constant(name + ".high", [6f], []).Node("Clip", [from, name + ".low", name + ".high"], name);
                    break;
                case 4:
                    builder.Node("MaxPool", [from], name, node => node.With("kernel_shape", 3, 3).With("pads", 1, 1, 1, 1));
                    break;
                case 5:
                    builder.Node("Sigmoid", [from], name);
                    break;
                default:
                    var next = random.Next(2) == 0 ? channels : 8;
                    builder.Conv(from, name, channels, next, kernel: random.Next(2) == 0 ? 1 : 3);
                    channels = next;
                    break;
            }

            tensors.Add((name, channels));
        }

        builder.Conv(tensors[^1].Name, "y", tensors[^1].Channels, 3, kernel: 1).Output("y");
        // What leads nowhere goes, as it does before any technique.
        var model = builder.Build();
        model.Graph.RemoveDead();
        return (model, builder);
    }
}
