using Compress.Diagnostics;
using Compress.Layers;
using Compress.Models;
using Compress.Policies;
using Compress.Techniques;

namespace Compress.Quantization;

/// <summary>
/// Dynamic int8 quantization: weights are stored in int8, and the range of each activation is found anew in every run, so that no calibration
/// data is needed. It knows MatMul, Gemm and LSTM; the rows of tables are looked up as integers. Bodies of If, Loop and Scan are no obstacle.
/// </summary>
public sealed class DynamicQuantization : ITechnique
{
    public string Kind => "quantize";

    public bool IsAsked(ModelPlan plan) => plan.Layers.Any(layer => Asked(layer) is not null);

    /// <summary>Tables need a DequantizeLinear that takes a scale for each channel.</summary>
    public int NeededOpset(ModelPlan plan) =>
        plan.Layers.Any(layer => Asked(layer) is not null && layer.Layer.Node.Is("Gather")) ? QuantizationOperators.LeastStandardOpset(activationBits: 8) : RunTimeQuantizers.LeastOpset;

    public int BearableOpset(ModelPlan plan) => RunTimeQuantizers.LeastOpset;

    public IEnumerable<Layer> Treatable(Model model, IReadOnlyList<Layer> layers, TensorShapes shapes) =>
        layers.Where(layer => DynamicObstacles.Of(layer.Graph, layer.Node) is null);

    public IReadOnlyList<LayerChange> Apply(Model model, ModelPlan plan, CompressionContext context)
    {
        if (BearableOpset(plan) is var least && model.Opset < least)
            throw new ArgumentException($"the model's opset is {model.Opset}; quantize needs {least}", nameof(model));

        var changes = new List<LayerChange>();
        var layers = AskedLayers.Find(
            LayerCatalog.List(model.Graph, context.MeasureShapes(model)), plan, Asked, (layer, _) => DynamicObstacles.Of(layer.Graph, layer.Node), changes);
        if (layers.Count == 0)
            return changes;
        var reference = context.Calibration is null ? null : model.Clone();
        var parts = Quantize(model, layers, context);
        changes.AddRange(TreatedLayer.Changes(parts, reference, model, plan, context));
        return changes;
    }

    static List<TreatedLayer> Quantize(Model model, List<(Layer Layer, Planned<QuantizeSettings> Asked)> layers, CompressionContext context)
    {
        var products = new DynamicProduct(new RunTimeQuantizers());
        var tables = layers.Exists(entry => entry.Layer.Node.Is("Gather")) ? new WeightOnlyQuantization(new QuantizationOperators(model)) : null;
        var parts = new List<TreatedLayer>();
        foreach (var (layer, asked) in layers)
        {
            context.Report("quantize", (double)parts.Count / layers.Count);
            var (graph, node, settings) = (layer.Graph, layer.Node, asked.Settings);
            var output = node.Outputs.First(name => name.Length > 0);
            if (node.Is("LSTM"))
                model.ImportOpset(Node.RuntimeDomain, 1);
            var (part, error) = node.Is("Gather") ? (node, tables!.Apply(graph, node, settings)) : node.Is("LSTM") ? DynamicLstm.Apply(graph, node, settings) : products.Apply(graph, node, settings);
            parts.Add(new TreatedLayer(layer, settings, part, output, error));
        }

        model.Graph.RemoveDead();
        return parts;
    }

    static Planned<QuantizeSettings>? Asked(LayerPlan plan) => plan.Quantize is { Settings.As: QuantizationType.Dynamic } asked ? asked : null;
}
