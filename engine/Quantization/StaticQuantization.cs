using Compress.Layers;
using Compress.Models;
using Compress.Policies;

namespace Compress.Quantization;

/// <summary>Brings layers of a float graph into int8, with what stands between them.</summary>
/// <param name="graph">The graph, edited in place.</param>
/// <param name="layers">The layers and how each is to be quantized.</param>
/// <param name="ranges">Ranges of the graph's tensors.</param>
sealed class StaticQuantization(Graph graph, IReadOnlyDictionary<Node, QuantizeSettings> layers, ActivationRanges ranges)
{
    readonly QuantizerPlacement placement = new(graph, layers.Keys.ToHashSet(), ranges.IsSymmetric, layers.Values.Any(settings => settings.HasIntegerOutputs));

    /// <summary>The tensors whose ranges are needed.</summary>
    public IEnumerable<string> Sources => placement.Tensors.Where(placement.IsSource);

    /// <summary>Writes the quantized graph.</summary>
    /// <param name="operators">The quantizers of the graph's opset.</param>
    /// <returns>For each layer, the tensor that holds its output in the float graph and the one that holds it now.</returns>
    public Dictionary<Node, (string Before, string After)> Apply(QuantizationOperators operators)
    {
        ranges.Measure(Sources);
        var parameters = Sources.GroupBy(placement.ScaleOwner).ToDictionary(group => group.Key, group => ranges.Of([.. group]));
        var tensors = placement.Tensors;
        var inFloat = LayerCatalog.List(graph, TensorShapes.None).Where(layer => layer.Within is null && !layers.ContainsKey(layer.Node) && graph.Initializer(layer.Weight.Name) is not null)
            .Select(layer => (layer.Node, Input: 1 - layer.WeightInput, Origin: placement.QuantizedOrigin(layer.Node.Input(1 - layer.WeightInput)))).ToList();
        var outputs = layers.Keys.ToDictionary(node => node,
            node => placement.IsQuantized(placement.EffectiveOutput(node)) ? placement.EffectiveOutput(node) : node.Output());
        FoldActivations();

        var insertion = new QdqInsertion(graph, operators);
        foreach (var (node, settings) in layers)
        {
            var inputScale = parameters[placement.ScaleOwner(node.Input(0))].Scale;
            var (weight, axis) = (graph.Initializer(node.Input(1))!, LayerCatalog.OutputAxis(node));
            insertion.QuantizeWeight(node, axis, WeightQuantizer.Quantize(
                weight, axis, settings.HasIntegerBias ? BiasOf(node) : [], inputScale, settings.IsPerChannel(node.OpType), WeightQuantizer.MostFor(settings)), inputScale);
        }

        foreach (var tensor in tensors)
            insertion.QuantizeActivation(tensor, placement.ScaleOwner(tensor), parameters[placement.ScaleOwner(tensor)]);
        // Only the runtime's own int8 kernels take over what was to stay in float.
        foreach (var (node, input, origin) in layers.Values.Any(settings => settings.IsForRuntimeKernels) ? inFloat : [])
        {
            if (origin is not null)
                insertion.KeepInFloat(node, input, parameters[placement.ScaleOwner(origin)]);
        }

        graph.RemoveDead();
        return outputs.ToDictionary(entry => entry.Key, entry => (entry.Value, Dequantized(entry.Value)));
    }

    void FoldActivations()
    {
        foreach (var activation in placement.Folded)
        {
            var producer = graph.Producer(activation.Input(0))!;
            graph.Remove(activation);
            graph.SetOutput(producer, 0, activation.Output());
        }
    }

    ReadOnlySpan<float> BiasOf(Node node) => node.Input(2).Length == 0 ? [] : graph.Initializer(node.Input(2))!.Floats();

    /// <summary>The tensor that readers of a tensor now read.</summary>
    string Dequantized(string tensor) =>
        graph.Consumers(tensor).FirstOrDefault(node => node.IsQuantizer) is { } quantize
            ? graph.Consumers(quantize.Output())[0].Output()
            : tensor;
}
